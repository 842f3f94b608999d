"""Three claims, each with its own measured panel and a verdict computed from the numbers."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from resnet_demo.chapters.gradients.claims import (
    CLAIMS,
    FAR,
    TRAINED,
    Verdict,
    cases,
    far,
    outcome,
    trained_verdict,
    verdict,
)
from resnet_demo.chapters.gradients.gradient_curves import Flow, curve, ratio
from resnet_demo.chapters.gradients.pages.charts import Trace, claim_chart
from resnet_demo.chapters.gradients.pages.flow_in_words import chart_words
from resnet_demo.chapters.gradients.pages.measurements import Setting, trained_flow, trained_pairs, untrained_flow
from resnet_demo.kit.charts import COLOURS
from resnet_demo.kit.display_names import title
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import number
from resnet_demo.kit.html import way_on
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, chart, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import LANE, Step
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import depth_of

DEPTHS = (20, 32, 44, 56, 80, 110)
LOOKS = {
    "plain_xavier": ("#0891b2", "solid"),
    "plain_kaiming": (COLOURS["plain"], "solid"),
    "plain_large": ("#dc2626", "solid"),
    "plain_norm": (COLOURS["plain"], "solid"),
    TRAINED: ("#059669", "solid"),
    "residual_norm": (COLOURS["residual"], "solid"),
    "residual_alone": ("#7c3aed", "dot"),
}


@dataclass(frozen=True)
class Claimed:
    """The flows measured so far, by case."""

    depth: int
    flows: tuple[tuple[str, Flow], ...]


def compute(networks: Networks, depth: int) -> Iterator[Step | Claimed]:
    """Every claim's flows, one network after the other. One seed, the example pictures."""
    twins = list(trained_pairs(networks).values())
    todo = list(cases())
    total = len(todo) + bool(twins)
    found: tuple[tuple[str, Flow], ...] = ()
    for _, case in todo:
        setting = Setting(f"cifar-{depth}", case.norm, case.initialisation)
        found += ((case.key, untrained_flow(networks, setting, 0, not case.residual)),)
        yield Step(len(found), total)
        yield Claimed(depth, found)
    if twins:
        deepest = max((plain for _, plain in twins), key=lambda key: depth_of(key.split("-")[0]))
        yield Claimed(depth, (*found, (TRAINED, trained_flow(networks, deepest, "pictures", 0))))


def draw(found: Claimed, language: str) -> tuple[Any, ...]:
    """Whether each claim holds, the charts, the verdicts in sentences, and the numbers as files."""
    flows = dict(found.flows)
    words = chart_words(language, "inputs")
    decades = shared_decades(list(flows.values()))
    charts = [claim_chart(_traces(language, claim, flows), decades, words) for claim in CLAIMS]
    answers = [marked(language, claim, flows) for claim in CLAIMS]
    verdicts = [said(language, claim, flows) for claim in CLAIMS]
    return columns(answers), *charts, columns(verdicts), downloads(language, f"claims-{found.depth}", rows(found))


def columns(parts: Iterable[str]) -> str:
    """A column for each claim."""
    return f'<div class="gradients-claims">{"".join(f"<div>{part}</div>" for part in parts)}</div>'


def marked(language: str, claim: str, flows: Mapping[str, Flow]) -> str:
    """The claim, and whether it holds as far as that is measured."""
    words = escape(t(language, f"gradients.claim.{claim}.title"))
    marks = " ".join(_mark(language, found, when) for found, when in judged(claim, flows))
    return f'<p class="summary">{words} {marks}</p>'


def judged(claim: str, flows: Mapping[str, Flow]) -> list[tuple[Verdict, str]]:
    """The verdicts on a claim that was measured, each with the time when it holds: the second before and after."""
    found = verdict(claim, flows)
    trained = trained_verdict(flows) if claim == "plain_with_norm" else None
    first = [(found, "untrained" if claim == "plain_with_norm" else "")] if found else []
    return [*first, *([(trained, "trained")] if found and trained else [])]


def rows(found: Claimed) -> list[dict[str, Any]]:
    """Every number of the charts, and the signal beside it: one row for each block's input, the last the head's."""
    starts = {case.key: (case.norm, case.initialisation) for _, case in cases()} | {TRAINED: ("batch", "trained")}
    return [
        {
            "network": flow.network,
            "norm": starts[key][0],
            "initialisation": starts[key][1],
            "layer": place.name,
            "position": place.position,
            "input_gradient": place.gradient,
            "input_deviation": place.deviation,
        }
        for key, flow in found.flows
        for place in flow.inputs
    ]


def shared_decades(flows: list[Flow]) -> tuple[int, int]:
    """Powers of ten that hold every gradient of all claims."""
    values = [v for flow in flows for v in curve([flow], "inputs").means if 0 < v < math.inf]
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def _traces(language: str, claim: str, flows: dict[str, Flow]) -> list[Trace]:
    keys = [case.key for case in CLAIMS[claim]] + ([TRAINED] if claim == "plain_with_norm" else [])
    return [
        Trace(
            t(language, f"gradients.case.{key}", name=title(flows[key].network)),
            LOOKS[key][0],
            curve([flows[key]], "inputs"),
            LOOKS[key][1],
        )
        for key in keys
        if key in flows
    ]


def said(language: str, claim: str, flows: Mapping[str, Flow]) -> str:
    """The verdict in a sentence, claim 2 before and after training, and below it what else the numbers support."""
    verdicts = judged(claim, flows)
    if not verdicts:
        return ""
    parts = ""
    for found, when in verdicts:
        network = flows[TRAINED if when == "trained" else CLAIMS[claim][0].key].network
        sentence = escape(_sentence(language, found, title(network)))
        parts += f'{_mark(language, found, when)}<p class="verdict">{sentence}</p>'
    keys = also(*(found for found, _ in verdicts))
    values = _numbers(verdicts[0][0]) | {"shattered": t(language, "gradients.shattered_gradients.title")}
    more = "".join(t(language, f"gradients.claim.{claim}.{key}", **values) for key in keys)
    parts += f'<p class="hint">{escape(more.strip())}</p>'
    if claim == "plain_with_norm":
        parts += str(way_on(t(language, "gradients.opens_degradation"), "degradation"))
    return parts


def _mark(language: str, found: Verdict, when: str) -> str:
    """Whether it holds, with the time `when` it does where both are told apart."""
    kind = _kind(found)
    mark = t(language, f"gradients.verdict.{kind}")
    words = t(language, f"gradients.verdict.{when}", mark=mark) if when else mark
    return f'<span class="gradients-mark {kind}">{escape(words)}</span>'


def _kind(found: Verdict) -> str:
    return "holds" if found.holds else "fails"


def _sentence(language: str, found: Verdict, name: str) -> str:
    numbers = _numbers(found)
    if found.holds and "shrinks" in numbers:  # only then is it sure to shrink
        numbers["shrinks"] = number(ratio(1, found.numbers["shrinks"]))
    key = outcome(found) if found.claim == "plain_with_norm" else _kind(found)
    return t(language, f"gradients.claim.{found.claim}.{key}", name=name, **numbers)


def _numbers(found: Verdict) -> dict[str, str]:
    return {name: number(value) for name, value in found.numbers.items()} | {"far": f"{FAR:g}"}


def also(found: Verdict, trained: Verdict | None = None) -> list[str]:
    """Which further sentences the numbers support; "more" and "paper" are what the papers found."""
    numbers = found.numbers
    if found.claim == "plain_without_norm":
        return ["more", "start"] if found.holds and not far(numbers["keeps"]) else ["more"]
    if found.claim == "plain_with_norm":
        exploded = outcome(found) == "explodes"
        so = all(outcome(one) in ("in_range", "explodes") for one in (found, trained) if one)
        return [*["cause"] * exploded, *["so"] * so, *["debated"] * (so and exploded), "more", "paper"]
    return ["alone", "fixup", "more"] if far(numbers["alone"]) else ["alone_fine", "more"]


def depth_choices(_: Site) -> list[tuple[str, int]]:
    return [(str(depth), depth) for depth in DEPTHS]


PAGE = Page(
    "claims",
    compute,
    draw,
    controls=(radio("depth", depth_choices, 56),),
    outputs=(
        Output("answer"),
        *(chart(claim, f"gradients.claim.{claim}.chart") for claim in CLAIMS),
        Output("verdicts"),
        Output("numbers", folded=True),
    ),
    uses=("networks",),
    lane={**MEASURED, **LANE},
    code=(verdict, far),
)
