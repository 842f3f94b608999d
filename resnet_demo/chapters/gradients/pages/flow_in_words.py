"""What the measured gradients say, in sentences."""

import math
from html import escape

from resnet_demo.chapters.gradients.claims import FAR
from resnet_demo.chapters.gradients.gradient_curves import Curve, curve
from resnet_demo.chapters.gradients.pages.charts import flows
from resnet_demo.chapters.gradients.pages.measurements import Measured, Run
from resnet_demo.kit.display_names import dataset_title, title
from resnet_demo.kit.format import number
from resnet_demo.kit.text import t
from resnet_demo.models.twins import PAIRS

ALIKE = 3.0
"""A quantity that changes by less than this factor keeps its size."""
BELOW = 10.0
"""One network's gradients count as smaller than the other's throughout from this factor on."""
BACKWARD = ("weights", "inputs")


def chart_words(language: str, quantity: str) -> dict[str, str]:
    """What stands in the chart of one quantity."""
    names = ("depth", "stage", "projection", "zero", "overflow", "band")
    # The stage's number is put in by the chart.
    words = {
        name: t(language, f"gradients.chart.{name}", **({"number": "{number}"} if name == "stage" else {}))
        for name in names
    }
    return words | {"quantity": t(language, f"gradients.axis.{quantity}")}


def grown(language: str, run: Run) -> str:
    """That the depth on screen is the growth's, not the chosen pair's; nothing where none has grown."""
    if not run.growing:
        return ""
    _, depth = PAIRS[run.current.setting.pair]
    words = t(language, "gradients.grown", depth=depth, pair=t(language, "gradients.pair"))
    return f'<p class="hint">{escape(words)}</p>'


def reading(language: str, run: Run, quantity: str) -> str:
    """One sentence on what is to be seen, from the numbers."""
    found = {kind: curve(members, quantity) for kind, members in flows(run.current).items()}
    backward = quantity in BACKWARD
    twins = run.current.twins[0]
    sentence = t(
        language,
        f"gradients.says.{quantity}",
        residual=title(twins.residual.network),
        plain=title(twins.plain.network),
        residual_change=change(language, found["residual"], backward),
        plain_change=change(language, found["plain"], backward),
    )
    if backward:
        sentence += _levels(language, run.current, found)
    return summary(sentence, twins.residual.network, twins.plain.network)


def summary(sentence: str, residual: str, plain: str) -> str:
    """A sentence in which each network's name has the colour of its curve."""
    html = escape(sentence)
    for kind, name in (("residual", title(residual)), ("plain", title(plain))):
        html = html.replace(name, f'<span class="gradients-name {kind}">{name}</span>')
    return f'<p class="summary">{html}</p>'


def _levels(language: str, measured: Measured, found: dict[str, Curve]) -> str:
    """Whether one network's gradients are all below the other's, or else whether any vanish; and which explode."""
    names = {kind: title(members[0].network) for kind, members in flows(measured).items()}
    exploding = [names[kind] for kind, item in found.items() if FAR * item.means[-1] < max(item.means) < math.inf]
    explodes = "".join(t(language, "gradients.explodes", name=name, far=f"{FAR:g}") for name in exploding)
    lower, higher = sorted(found, key=lambda kind: max(found[kind].means))
    factor = min(found[higher].means) / max(found[lower].means) if max(found[lower].means) else math.inf
    if BELOW < factor < math.inf:
        below = t(language, "gradients.lower", lower=names[lower], higher=names[higher], factor=number(factor))
        return below + explodes
    kept = [
        min(item.means) > item.means[-1] / FAR
        for members in flows(measured).values()
        for item in (curve(members, quantity) for quantity in BACKWARD)
    ]
    return (t(language, "gradients.none_vanishes") if all(kept) else "") + explodes


def change(language: str, found: Curve, backward: bool) -> str:
    """What becomes of a quantity on its way, in words."""
    if not all(map(math.isfinite, found.means)):
        return t(language, "gradients.change.overflow")
    if 0 in found.means:
        return t(language, "gradients.change.zero", count=found.means.count(0), total=len(found.means))
    factor = found.towards_input if backward else found.towards_output
    if 1 / ALIKE <= factor <= ALIKE:
        return t(language, "gradients.change.keeps", factor=number(factor))
    if factor > 1:
        return t(language, "gradients.change.grows", factor=number(factor))
    return t(language, "gradients.change.shrinks", factor=number(1 / factor))


def conditions(language: str, measured: Measured) -> str:
    """What was measured, on what, from which start: nothing on the chart is unexplained."""
    setting, seeds = measured.setting, len(measured.twins)
    start = "gradients.conditions.trained" if measured.trained else "gradients.conditions.random"
    twins, (family, _) = measured.twins[0], setting.pair.rsplit("-", 1)
    words = [
        t(
            language,
            f"gradients.conditions.pair.{'trained' if measured.trained else family}",
            residual=title(twins.residual.network),
            plain=title(twins.plain.network),
            **({"dataset": dataset_title(family)} if measured.trained else {}),
        ),
        t(
            language,
            start,
            norm=t(language, f"gradients.norm.{setting.norm}"),
            initialisation=t(language, f"gradients.initialisation.{setting.initialisation}"),
            activation=t(language, f"gradients.activation.{setting.activation}"),
            version=t(language, f"gradients.version.{setting.version}"),
        ),
        t(
            language,
            f"gradients.conditions.{setting.batch}",
            count=measured.count,
            side=measured.side,
        ),
        t(language, "gradients.conditions.step"),
        t(language, "gradients.conditions.seeds", seeds=seeds),
        t(language, "gradients.conditions.thresholds", alike=f"{ALIKE:g}", far=f"{FAR:g}"),
    ]
    grows = curve([twins.plain for twins in measured.twins], "inputs").towards_input > ALIKE
    if grows and setting.norm == "batch" and not measured.trained and setting.activation == "relu":
        words.append(t(language, "gradients.conditions.norm_grows"))
    if setting.initialisation == "zero_gamma" and not measured.trained:
        words.append(t(language, "gradients.conditions.zero_gamma"))
    return f'<p class="hint">{escape("".join(words) if language == "zh" else " ".join(words))}</p>'
