"""Heat maps in words: where the peak is, how wide the map spreads, why it is blank, whether two of them agree."""

from typing import Protocol

from resnet_demo.chapters.gradcam.pages.agreement import PARTLY, SAME, reading
from resnet_demo.chapters.gradcam.pages.choices import layer_label
from resnet_demo.chapters.gradcam.pages.maps import Look, Looked
from resnet_demo.explain import Explanation
from resnet_demo.explain.comparison import Agreement, peak, share_above_half
from resnet_demo.explain.record import Named
from resnet_demo.kit.display_names import METHODS
from resnet_demo.kit.format import class_label, number, percent
from resnet_demo.kit.text import t

SPREADS = {"spot": 0.08, "part": 0.25, "large": 0.6, "everywhere": 1.0}
"""Up to which share of the crop above half of the peak a map is called so."""


NO_CLASS = {"eigencam"}
"""Methods that ask for no class at all."""
NO_SIGN = {"eigengradcam", "fullgrad"}
"""Methods whose map stays the same when the score is negated."""


def class_of(language: str, named: Named) -> str:
    return class_label(language, named.class_id, named.title)


class Answered(Protocol):
    """A map and what it is held against."""

    @property
    def against(self) -> Named | None: ...
    @property
    def explanation(self) -> Explanation: ...


def kind(item: Answered) -> str:
    """ "for", "against", "for_rather" or "against_rather"."""
    return ("against" if item.explanation.counterfactual else "for") + ("_rather" if item.against else "")


def question(language: str, item: Look) -> str:
    """What a map explains: a class, why not another, or what speaks against it."""
    return t(
        language,
        f"gradcam.explains.{kind(item)}",
        name=class_of(language, item.target),
        other=class_of(language, item.against) if item.against else "",
        share=percent(item.explanation.probability),
        score=number(item.explanation.score, 3),
    )


def unmoved(language: str, explanation: Explanation) -> str:
    """That a method gives the same map whatever was asked; nothing where the question counts."""
    same = "class" if explanation.method in NO_CLASS else "sign"
    if same == "sign" and not (explanation.method in NO_SIGN and explanation.counterfactual):
        return ""
    return t(language, f"gradcam.unmoved.{same}", method=METHODS[explanation.method])


def how(language: str, explanation: Explanation) -> str:
    """Method, layers and grid."""
    layers = ", ".join(f"{layer_label(language, layer)} ({layer})" for layer in explanation.layers)
    height, width = explanation.map.shape
    words = t(language, "gradcam.averaged", layers=layers) if len(explanation.layers) > 1 else layers
    if explanation.method == "fullgrad":
        words = t(language, "gradcam.all_layers")
    return t(
        language,
        "gradcam.made",
        method=METHODS[explanation.method],
        layers=words,
        cells=f"{width} × {height}",
    )


def place(language: str, explanation: Explanation) -> str:
    """Where the largest value lies: a ninth of the crop by name, and percent from the left and the top."""
    top = peak(explanation.map)
    third = f"{min(int(3 * top.down), 2)}{min(int(3 * top.across), 2)}"
    return t(
        language,
        "gradcam.peak",
        place=t(language, f"gradcam.place.{third}"),
        across=percent(top.across, 0),
        down=percent(top.down, 0),
        maximum=number(float(top.value), 3),
    )


def spread(language: str, explanation: Explanation) -> str:
    """How much of the crop lies above half of the peak, and whether that is little or much."""
    share = share_above_half(explanation.map, explanation.crop.height, explanation.crop.width)
    name = next(name for name, most in SPREADS.items() if share <= most)
    least = max((most for most in SPREADS.values() if most < SPREADS[name]), default=0.0)
    return t(
        language,
        "gradcam.spread",
        share=percent(share),
        reading=t(language, f"gradcam.spread.{name}"),
        least=f"{100 * least:g}",
        most=f"{100 * SPREADS[name]:g}",
    )


def facts(language: str, item: Look) -> list[tuple[str, str]]:
    """What is said beside a map: term and sentence."""
    explanation = item.explanation
    said = [("explained", question(language, item)), ("how", how(language, explanation))]
    if same := unmoved(language, explanation):
        said.append(("unmoved", same))
    if item.blank:
        said.append(("blank", t(language, f"gradcam.blank.{item.blank}")))
    elif not explanation.heatmap.any():
        said.append(("blank", t(language, "gradcam.blank.flat")))
    else:
        said += [("where", place(language, explanation)), ("spread", spread(language, explanation))]
    return [(t(language, f"gradcam.term.{term}"), sentence) for term, sentence in said]


def agreement(language: str, looked: Looked) -> dict[str, str] | None:
    """Whether two maps agree: kind, title, reading and numbers. None for one map alone."""
    if len(looked.looks) < 2:
        return None
    kind = reading(looked.agreement) if looked.agreement else "crops"
    first, second = looked.looks
    says = t(language, f"gradcam.agree.{kind}")
    if (first.target, first.against) != (second.target, second.against):
        says += t(
            language,
            "gradcam.agree.classes",
            left=class_of(language, first.target),
            right=class_of(language, second.target),
        )
    return {
        "kind": kind,
        "title": t(language, "gradcam.agree"),
        "says": says,
        "how": _numbers(language, looked.agreement),
    }


def _numbers(language: str, found: Agreement | None) -> str:
    if found is None or found.rank_correlation is None or found.overlap is None:
        return ""
    return t(
        language,
        "gradcam.agree.numbers",
        correlation=f"{found.rank_correlation:.2f}".replace("-", "−"),
        overlap=percent(found.overlap),
        same_correlation=SAME[0],
        same_overlap=percent(SAME[1], 0),
        partly_correlation=PARTLY[0],
        partly_overlap=percent(PARTLY[1], 0),
    )
