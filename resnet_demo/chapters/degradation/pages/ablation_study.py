"""The study's networks with parts removed, measured beforehand on the whole test set: two charts and what they say."""

from html import escape
from typing import Any

from resnet_demo.chapters.degradation.ablation_study import Cut, Cuts, cuts
from resnet_demo.chapters.degradation.pages.charts import several_cuts, single_cuts
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import margins
from resnet_demo.kit.text import t


def draw(language: str) -> tuple[str, Any, Any, str]:
    """The verdict, one part removed at a time, several at random, and the details."""
    found = cuts()
    words = {key: t(language, f"degradation.cuts.{key}") for key in ("where", "count")}
    words["error"] = t(language, "degradation.error")
    one = single_cuts(
        {cut.model: cut.single for cut in found.networks}, {cut.model: cut.whole for cut in found.networks}, words
    )
    several = several_cuts({cut.model: cut.several for cut in found.networks}, words)
    return answer(language, found), one, several, _details(language, found)


def answer(language: str, found: Cuts) -> str:
    residual, plain = found.deepest
    holds = residual.median - residual.whole < plain.median - plain.whole
    verdict = t(
        language,
        f"degradation.cuts.{'holds' if holds else 'fails'}",
        depth=residual.depth,
        residual=_rise(residual),
        plain=_rise(plain),
    )
    errors = [error / 100 for cut in (residual, plain) for error in (cut.whole, cut.median)]
    how_sure = margins(language, errors, found.about["count"])
    return f'<p class="summary">{escape(verdict)}</p><p class="hint">{escape(how_sure)}</p>'


def _details(language: str, found: Cuts) -> str:
    heading = escape(t(language, "degradation.cuts.heading", count=f"{found.about['count']:,}"))
    items = "".join(f"<li>{escape(_network(language, cut))}</li>" for cut in found.networks)
    how = t(
        language,
        "degradation.cuts.how",
        draws=found.about["draws"],
        seed=found.about["seed"],
        processor=found.about["machine"]["processor"],
        torch=found.about["versions"]["torch"],
    )
    return f'<h3>{heading}</h3><ul class="findings">{items}</ul><p class="hint">{escape(how)}</p>'


def _rise(cut: Cut) -> str:
    """The difference of both errors as they are shown, so that a reader who subtracts gets the same."""
    return f"{round(cut.median, 1) - round(cut.whole, 1):.1f}"


def _network(language: str, cut: Cut) -> str:
    part, worst = cut.worst
    return t(
        language,
        f"degradation.cuts.{'residual' if cut.residual else 'plain'}",
        network=title(cut.model),
        whole=f"{cut.whole:.1f}",
        count=len(cut.single),
        median=f"{cut.median:.1f}",
        worst=f"{worst:.1f}",
        part=part,
    )
