"""Three claims, each with its own measured panel and a verdict computed from the numbers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from html import escape
from time import monotonic_ns
from typing import Any

import gradio as gr

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
from resnet_demo.chapters.gradients.pages.flow_in_words import chart_words, progress
from resnet_demo.chapters.gradients.pages.measurements import Setting, trained_flow, trained_pairs, untrained_flow
from resnet_demo.chapters.gradients.pages.stop import Turn, asks, stops
from resnet_demo.kit.address import register
from resnet_demo.kit.charts import COLOURS
from resnet_demo.kit.display_names import title
from resnet_demo.kit.downloads import downloads
from resnet_demo.kit.format import number
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import bound
from resnet_demo.kit.messages import Problem, notice
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import depth_of

DEPTHS = (20, 32, 44, 56, 80, 110)
CODE_BEHIND = (verdict, far)
DEGRADATION = "degradation"
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
    """The flows measured so far by case; `total` of them there will be."""

    depth: int
    flows: tuple[tuple[str, Flow], ...]
    total: int
    begun: int = field(default=0, compare=False)  # which measurement this is a step of


@dataclass(frozen=True)
class Parts:
    depth: gr.Radio
    stop: gr.Button
    progress: gr.HTML
    verdicts: tuple[gr.HTML, ...]
    charts: tuple[gr.Plot, ...]
    opens: gr.Button
    numbers: gr.HTML
    found: gr.State
    halted: gr.State


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    opened = page.wake("gradients-claims")
    gr.HTML(opening(page.initial, "gradients", "claims"))
    parts = lay_out(page)
    register(page, "gradients", [parts.depth])
    wire(page, parts, opened)


def lay_out(page: Site) -> Parts:
    with gr.Row(elem_classes="gradients-bar"):
        depth = page.word(
            gr.Radio([(str(n), n) for n in DEPTHS], value=56, elem_id="gradients-claims-depth"),
            label="gradients.claims.depth",
        )
        stop = page.word(
            gr.Button(scale=0, min_width=110, elem_id="gradients-claims-stop"),
            value="gradients.stop",
        )
    told = gr.HTML(elem_id="gradients-claims-progress")
    verdicts, charts = [], []
    with gr.Row(elem_id="gradients-claims"):
        for claim in CLAIMS:
            with gr.Column(min_width=320, elem_classes=f"gradients-claim claim-{claim}"):
                page.word(gr.HTML(elem_classes="gradients-claim-title"), value=partial(_title, claim=claim))
                charts.append(
                    page.word(
                        gr.Plot(show_label=False, elem_id=f"gradients-chart-{claim}"),
                        label=f"gradients.claim.{claim}.chart",
                    )
                )
                verdicts.append(gr.HTML(elem_id=f"gradients-verdict-{claim}"))
                if claim == "plain_with_norm":
                    opens = page.word(
                        gr.Button(size="sm", visible=DEGRADATION in page.keys, elem_id="gradients-opens-degradation"),
                        value="gradients.opens_degradation",
                    )
    numbers = gr.HTML(elem_id="gradients-claims-numbers", padding=False)
    return Parts(depth, stop, told, tuple(verdicts), tuple(charts), opens, numbers, gr.State(), gr.State(0))


def _title(language: str, claim: str) -> str:
    return f"<h3>{escape(t(language, f'gradients.claim.{claim}.title'))}</h3>"


def wire(page: Site, parts: Parts, opened: Any) -> None:
    """`opened` is the event of this part of the tab coming into view."""
    measure = bound(update_claims, page.networks)
    asked = asks([opened, parts.depth.input], measure, [parts.depth], parts.found, parts.progress, gr.State(Turn()))
    stops(parts.stop, parts.halted, [asked])
    seen = [parts.found, parts.halted]
    outputs = [parts.progress, *parts.charts, *parts.verdicts, parts.numbers]
    page.draws([place.change for place in seen], render, [*seen, page.language], *outputs)
    if DEGRADATION in page.keys:
        page.opens(parts.opens, DEGRADATION)


def update_claims(networks: Networks, depth: int) -> Iterator[Claimed]:
    """Every claim's flows, one network after the other, in no language. One seed, the example pictures."""
    twins = list(trained_pairs(networks).values())
    todo = list(cases())
    begun = monotonic_ns()
    total = len(todo) + bool(twins)
    found: tuple[tuple[str, Flow], ...] = ()
    for _, case in todo:
        setting = Setting(f"cifar-{depth}", case.norm, case.initialisation)
        found += ((case.key, untrained_flow(networks, setting, 0, not case.residual)),)
        yield Claimed(depth, found, total, begun)
    if twins:
        deepest = max((plain for _, plain in twins), key=lambda key: depth_of(key.split("-")[0]))
        yield Claimed(depth, (*found, (TRAINED, trained_flow(networks, deepest, "pictures", 0))), total, begun)


def render(found: Claimed | Problem | None, halted: int, language: str) -> Any:
    """Progress, then the charts, then the verdicts; at the end the numbers as files."""
    if found is None:
        return tuple(gr.skip() for _ in range(2 + 2 * len(CLAIMS)))
    if isinstance(found, Problem):
        return notice(language, found), *(None for _ in CLAIMS), *("" for _ in CLAIMS), ""
    flows = dict(found.flows)
    words = chart_words(language, "inputs")
    decades = shared_decades(list(flows.values()))
    charts = [claim_chart(_traces(language, claim, flows), decades, words) for claim in CLAIMS]
    verdicts = [said(language, verdict(claim, flows), flows) for claim in CLAIMS]
    bar = "" if found.begun <= halted else progress(language, len(flows), found.total, "networks")
    return bar, *charts, *verdicts, "" if bar else downloads(language, f"claims-{found.depth}", rows(found))


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


def said(language: str, found: Verdict | None, flows: dict[str, Flow]) -> str:
    """The verdict in a sentence, claim 2 before and after training, and below it what else the numbers support."""
    if found is None:
        return ""
    network = flows[CLAIMS[found.claim][0].key].network
    trained = trained_verdict(flows) if found.claim == "plain_with_norm" else None
    parts = _part(language, found, network, "untrained" if found.claim == "plain_with_norm" else None)
    if trained:
        parts += _part(language, trained, flows[TRAINED].network, "trained")
    keys = also(found, trained)
    values = _numbers(found) | {"shattered": t(language, "gradients.shattered_gradients.title")}
    more = "".join(t(language, f"gradients.claim.{found.claim}.{key}", **values) for key in keys)
    return f'{parts}<p class="hint">{escape(more.strip())}</p>'


def _part(language: str, found: Verdict, network: str, when: str | None) -> str:
    """A mark, with the time `when` it holds where both are told apart, and its sentence."""
    kind = _kind(found)
    mark = t(language, f"gradients.verdict.{kind}")
    if when:
        mark = t(language, f"gradients.verdict.{when}", mark=mark)
    sentence = _sentence(language, found, title(network))
    return f'<p class="gradients-mark {kind}">{escape(mark)}</p><p class="verdict">{escape(sentence)}</p>'


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
