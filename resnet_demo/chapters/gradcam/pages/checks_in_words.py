"""What a check of a heat map means, in words and as a chart: a verdict on each network, and the numbers behind it."""

from dataclasses import replace
from statistics import mean
from typing import Any

from markupsafe import Markup
from plotly import graph_objects as go

from resnet_demo.chapters.gradcam.pages import charts as cam_charts
from resnet_demo.chapters.gradcam.pages.charts import Subject
from resnet_demo.chapters.gradcam.pages.choices import layer_label
from resnet_demo.chapters.gradcam.pages.drawing import weights_of
from resnet_demo.chapters.gradcam.pages.maps_in_words import class_of, how, kind, question
from resnet_demo.chapters.gradcam.pages.measured_checks import (
    CONFIDENCE,
    CURVES,
    DRAWS,
    RANDOMISED,
    Checked,
    Ordered,
    Unchecked,
)
from resnet_demo.chapters.gradcam.pages.measured_maps import Look
from resnet_demo.explain.faithfulness import Confidence, Randomised
from resnet_demo.kit.display_names import family, title
from resnet_demo.kit.format import percent
from resnet_demo.kit.html import hint, html, summary
from resnet_demo.kit.text import t

MARGIN = 0.05
GAINS = {"strong": 0.2, "weak": MARGIN}
"""Least gain over every draw of chance, both areas together, for a map to be called so."""
HELD, PART = 0.2, 0.6
"""Parts of the probability: less is lost where what the map highlights is enough, or partly enough."""
DEPENDS, PARTLY = 0.3, 0.7
"""Rank correlations with the untrained network's map: below them a map depends on what was learnt, or partly does."""
PLAIN = "for"
"""The kind of question whose probability is the class's own."""


def verdict(found: Checked | Unchecked, language: str) -> tuple[Markup, go.Figure | None, Markup]:
    """A sentence on each network, the figure, and how it was measured."""
    look = t(language, f"gradcam.check.{found.check}.look")
    if isinstance(found, Unchecked):
        return summary(look), None, Markup("")
    looks = found.looked.looks
    subjects = [Subject(_name(language, item, looks), family(item.name)) for item in looks]
    say, draw = {
        CURVES: (_curves, _draw_curves),
        CONFIDENCE: (_confidence, _draw_confidence),
        RANDOMISED: (_randomised, _draw_randomised),
    }[found.check]
    said = [say(language, found, i) for i in range(len(looks))]
    answer = html(
        "chapters/gradcam/pages/verdicts.html", language, lines=zip(subjects, [one for one, _ in said], strict=True)
    )
    about = t(
        language,
        "gradcam.check.about",
        how=" / ".join(dict.fromkeys(how(language, item.explanation) for item in looks)),
        question=" / ".join(dict.fromkeys(question(language, item) for item in looks)),
    )
    reading = t(language, f"gradcam.check.{found.check}.how", **_thresholds(found.check))
    if found.check != RANDOMISED:
        about += "".join(dict.fromkeys(_measured(language, item) for item in looks))
        reading += t(language, "gradcam.check.masked")
    numbers = html(
        "chapters/gradcam/pages/verdicts.html", language, lines=zip(subjects, [two for _, two in said], strict=True)
    )
    return (
        answer,
        draw(language, found, subjects),
        hint(look) + numbers + hint(about) + hint(reading) + hint(t(language, "gradcam.caveat")),
    )


def _thresholds(check: str) -> dict[str, object]:
    """What the readings of a check depend on, as its explanation prints it."""
    if check == CURVES:
        return {"draws": DRAWS, "margin": MARGIN, "strong": GAINS["strong"]}
    if check == CONFIDENCE:
        return {"held": percent(HELD, 0), "part": percent(PART, 0)}
    return {"depends": DEPENDS, "partly": PARTLY}


def _name(language: str, item: Look, looks: tuple[Look, ...]) -> str:
    """The network's name; with its weights where both are of one architecture."""
    name = title(item.name)
    return f"{name} ({weights_of(language, item.key)})" if len({look.name for look in looks}) < len(looks) else name


def _words(language: str, check: str, *names: str) -> dict[str, str]:
    return {name: t(language, f"gradcam.check.{check}.{name}") for name in names}


def _measured(language: str, item: Look) -> str:
    """Which probability is meant, where it is not that of the class."""
    if kind(item) == PLAIN:
        return ""
    other = class_of(language, item.against) if item.against else ""
    return t(language, f"gradcam.check.measured.{kind(item)}", name=class_of(language, item.target), other=other)


def _axis(language: str, check: str, found: Checked) -> str:
    """What the probability of a figure is of."""
    plain = kind(found.looked.looks[0]) == PLAIN
    return t(language, f"gradcam.check.{check}.y" if plain else "gradcam.check.measured")


def _curves(language: str, found: Checked, index: int) -> tuple[str, str]:
    ordered: Ordered = found.found[index]
    curves = ordered.curves
    key = "gradcam.check.curves"
    before = curves.deletion[0]
    pairs = zip(curves.fractions, curves.deletion, strict=True)
    halved = next((share for share, probability in pairs if probability < before / 2), None)
    numbers = t(
        language,
        f"{key}.says",
        deletion=f"{curves.deletion_area:.2f}",
        insertion=f"{curves.insertion_area:.2f}",
        chance_deletion=f"{mean(ordered.chance_deletion):.2f}",
        chance_insertion=f"{mean(ordered.chance_insertion):.2f}",
        halved=t(language, f"{key}.kept") if halved is None else t(language, f"{key}.halved", share=percent(halved, 0)),
    )
    return t(language, f"{key}.{_gain(ordered)}"), numbers


def _gain(ordered: Ordered) -> str:
    """By how much both areas together are better than chance, or worse: than its every draw, as there are few."""
    own = ordered.curves.insertion_area - ordered.curves.deletion_area
    draws = zip(ordered.chance_insertion, ordered.chance_deletion, strict=True)
    gains = [own - (insertion - deletion) for insertion, deletion in draws]
    around = "worse" if max(gains) <= -MARGIN else "chance"
    return next((name for name, least in GAINS.items() if min(gains) >= least), around)


def _draw_curves(language: str, found: Checked, subjects: list[Subject]) -> go.Figure:
    words = _words(language, CURVES, "x", "deletion", "insertion") | {"y": _axis(language, CURVES, found)}
    return cam_charts.curves(subjects, [one.curves for one in found.found], words)


def _confidence(language: str, found: Checked, index: int) -> tuple[str, str]:
    own: Confidence = found.found[index]
    change = "rises" if own.after > own.before else "falls"
    name = "held" if own.drop < HELD else "part" if own.drop < PART else "lost"
    key = "gradcam.check.confidence"
    numbers = t(
        language, f"{key}.{change}", before=percent(own.before), after=percent(own.after), drop=percent(own.drop)
    )
    mean = found.examples[index] if found.examples else None
    if mean:
        numbers += t(
            language,
            f"{key}.mean",
            count=mean.pictures,
            drop=percent(mean.drop),
            increase=percent(mean.increase),
        )
    return t(language, f"{key}.{name}"), numbers


def _draw_confidence(language: str, found: Checked, subjects: list[Subject]) -> go.Figure:
    words = _words(language, CONFIDENCE, "before", "after") | {"y": _axis(language, CONFIDENCE, found)}
    pictures: list[tuple[str, Any]] = [(t(language, "gradcam.check.confidence.this"), found.found)]
    counts = dict.fromkeys(str(example.pictures) for example in found.examples if example)
    if counts:
        name = t(language, "gradcam.check.confidence.examples", count=" / ".join(counts))
        pictures.append((name, found.examples))
    return cam_charts.confidence(subjects, pictures, words)


def _randomised(language: str, found: Checked, index: int) -> tuple[str, str]:
    stages: tuple[Randomised, ...] = found.found[index]
    known = [(stage.stage, stage.rank_correlation) for stage in stages if stage.rank_correlation is not None]
    if not known:
        return t(language, "gradcam.check.randomised.blank"), ""
    stage, last = known[-1]
    same = "ignores" if last > 0 else "reversed"
    name = "depends" if abs(last) < DEPENDS else "partly" if abs(last) < PARTLY else same
    numbers = t(
        language,
        "gradcam.check.randomised.says",
        first=_stage(language, known[0][0]),
        after_first=_signed(known[0][1]),
        stage=_stage(language, stage),
        last=_signed(last),
    )
    if blank := [_stage(language, stage.stage) for stage in stages if stage.rank_correlation is None]:
        numbers += t(language, "gradcam.check.randomised.gaps", stages=" · ".join(blank))
    return t(language, f"gradcam.check.randomised.{name}"), numbers


def _stage(language: str, stage: str) -> str:
    """ "layer4" as the control of the layers says it, and the two ends of the network by their names."""
    named = stage.startswith("layer")
    return layer_label(language, stage) if named else t(language, f"gradcam.check.randomised.{stage}")


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _draw_randomised(language: str, found: Checked, subjects: list[Subject]) -> go.Figure:
    said = tuple(tuple(replace(one, stage=_stage(language, one.stage)) for one in stages) for stages in found.found)
    return cam_charts.randomised(subjects, said, _words(language, RANDOMISED, "x", "y", "trained"))
