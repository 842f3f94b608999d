"""Heat maps in words: where the peak is, how wide the map spreads, why it is blank, whether two of them agree."""

from typing import Protocol

from markupsafe import Markup

from resnet_demo.chapters.gradcam.pages.agreement import PARTLY, SAME, reading
from resnet_demo.chapters.gradcam.pages.choices import layer_label
from resnet_demo.chapters.gradcam.pages.measured_maps import Asked, Look, Looked, Waiting
from resnet_demo.explain import METHODS, SLOW, Explanation
from resnet_demo.explain.comparison import Agreement, peak, share_above_half
from resnet_demo.explain.record import Named
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import class_label, number, percent
from resnet_demo.kit.text import t

SPREADS = {"spot": 0.08, "part": 0.25, "large": 0.6, "everywhere": 1.0}
"""Up to which share of the crop above half of the peak a map is called so."""


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
    method = METHODS[explanation.method]
    if method.knows_class and (method.knows_sign or not explanation.counterfactual):
        return ""
    return t(language, f"gradcam.unmoved.{'sign' if method.knows_class else 'class'}", method=method.title)


def how(language: str, explanation: Explanation) -> str:
    """Method, layers and grid."""
    layers = ", ".join(f"{layer_label(language, layer)} ({layer})" for layer in explanation.layers)
    height, width = explanation.map.shape
    words = t(language, "gradcam.averaged", layers=layers) if len(explanation.layers) > 1 else layers
    if METHODS[explanation.method].whole:
        words = t(language, "gradcam.all_layers")
    return t(
        language,
        "gradcam.made",
        method=METHODS[explanation.method].title,
        layers=words,
        cells=f"{width} × {height}",
    )


def place(language: str, explanation: Explanation) -> str:
    """Where the largest value lies: a ninth of the crop by name, and percent from the left and the top."""
    top = peak(explanation.map)
    return t(
        language,
        "gradcam.peak",
        place=_ninth(language, explanation),
        across=percent(top.across, 0),
        down=percent(top.down, 0),
        maximum=number(float(top.value), 3),
    )


def _ninth(language: str, explanation: Explanation) -> str:
    top = peak(explanation.map)
    return t(language, f"gradcam.place.{min(int(3 * top.down), 2)}{min(int(3 * top.across), 2)}")


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


def blank(language: str, item: Look) -> str:
    """Why a map points to no place; nothing where it does."""
    reason = item.blank or ("" if item.explanation.heatmap.any() else "flat")
    return t(language, f"gradcam.blank.{reason}") if reason else ""


def facts(language: str, item: Look) -> list[tuple[str, str]]:
    """What is said beside a map: term and sentence."""
    explanation = item.explanation
    said = [("explained", question(language, item)), ("how", how(language, explanation))]
    if same := unmoved(language, explanation):
        said.append(("unmoved", same))
    if reason := blank(language, item):
        said.append(("blank", reason))
    else:
        said += [("where", place(language, explanation)), ("spread", spread(language, explanation))]
    return [(t(language, f"gradcam.term.{term}"), sentence) for term, sentence in said]


def answer(language: str, found: Looked | Waiting) -> Markup:
    """Whether two maps agree, or where one map has its peak; of a slow method, what it will take."""
    if isinstance(found, Waiting):
        passes = " + ".join(f"{count:,}" for count in found.passes)
        words = t(language, "gradcam.slow", method=METHODS[found.asked.method].title, passes=passes)
        return Markup('<p class="summary cam-waiting">{}</p>').format(words)
    kind, words = agreement(language, found) if len(found.looks) == 2 else alone(language, found.looks[0])
    return Markup('<p class="summary cam-answer {}">{}</p>').format(kind, words)


def agreement(language: str, looked: Looked) -> tuple[str, str]:
    """Whether two maps agree, by its kind and in words."""
    kind = reading(looked.agreement) if looked.agreement else "crops"
    first, second = looked.looks
    words = t(language, f"gradcam.agree.{kind}")
    if (first.target, first.against) != (second.target, second.against):
        words += t(
            language,
            "gradcam.agree.classes",
            left=class_of(language, first.target),
            right=class_of(language, second.target),
        )
    return kind, words


def alone(language: str, item: Look) -> tuple[str, str]:
    """Where the only map has its peak, or why it has none."""
    if reason := blank(language, item):
        return "blank", reason
    return "one", t(language, "gradcam.one", network=title(item.name), where=_ninth(language, item.explanation))


def method_in_words(language: str, asked: Asked) -> Markup:
    """What a method does, its source, whether it is slow, and which layer it takes where none is chosen."""
    slow = Markup("<b>{}</b> ").format(t(language, "gradcam.slow_mark")) if asked.method in SLOW else ""
    words = t(language, f"gradcam.method.{asked.method.replace('+', 'p')}")
    words += t(language, "gradcam.method_source", source=METHODS[asked.method].source)
    if not asked.layers and not METHODS[asked.method].whole:  # which takes all layers anyway
        words += t(language, "gradcam.no_layer")
    return Markup('<p class="hint cam-method">{}{}</p>').format(slow, words)


def numbers(language: str, found: Agreement | None) -> str:
    """How alike two maps are, and from where on that counts; nothing where they cannot be compared."""
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
