"""Twins trained on photographs: a chart for each depth on one scale, what their numbers say, and the table."""

from html import escape
from typing import Any

from resnet_demo.chapters.degradation.imagenette_twins import Card, Gap, Seeds, curves, gaps, over_seeds, pairs, table
from resnet_demo.chapters.degradation.pages.findings import drawn, final_table, finding, listed
from resnet_demo.chapters.degradation.study import Final, over_depth, twins
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES, depth_of

CARDS = pairs()
DEPTHS = tuple(gap.depth for gap in gaps(CARDS))


def draw(language: str, cards: tuple[Card, ...] = CARDS) -> tuple[Any, ...]:
    """A chart for each depth, shallow networks first, then the words."""
    shown = curves(cards)
    charts = (drawn(language, [one for one in shown if depth_of(one.model) == gap.depth]) for gap in gaps(cards))
    return *charts, _words(language, cards)


def _words(language: str, cards: tuple[Card, ...]) -> str:
    lines = table(cards)
    chance = {one.depth: _seeds(language, one) for one in over_seeds(cards)}
    said = [_gap(language, gap) + chance.get(gap.depth, "") for gap in gaps(cards)]
    said += _over_depth(language, lines)
    card = cards[0]
    how = t(
        language,
        "degradation.imagenette_twins.how",
        epochs=card["recipe"]["epochs"],
        size=card["preprocessing"]["size"],
        seed=card["seed"],
        held=f"{100 * card['recipe']['valid_ratio']:g}",
    )
    commands = "".join(f"<br>{escape(command)}" for command in dict.fromkeys(card["how"] for card in cards))
    question, look = (escape(t(language, f"degradation.imagenette_twins.{part}")) for part in ("question", "look"))
    return (
        f'<h3>{question}</h3><p class="hint">{look}</p>{listed(said)}'
        f'<p class="hint">{escape(how)}</p><p class="formula">{commands.removeprefix("<br>")}</p>'
        f"{final_table(language, lines, 'degradation.imagenette_twins.paper_note', card['accuracy']['count'])}"
    )


def _over_depth(language: str, lines: tuple[Final, ...]) -> list[str]:
    """The deepest networks beside the shallowest; without a conclusion where the kind of block changes, too."""
    plain, residual = twins(lines)
    shallow, deep = min(plain), max(plain)
    blocks = [ARCHITECTURES[plain[depth].model].block for depth in (shallow, deep)]
    if blocks[0] == blocks[1]:
        return [finding(language, one) for one in over_depth(lines)]
    compared = [
        t(
            language,
            f"degradation.imagenette_twins.mixed.{family}_{half}",
            shallow=shallow,
            depth=deep,
            shallow_error=f"{getattr(found[shallow], f'{half}_error'):.2f}",
            deep_error=f"{getattr(found[deep], f'{half}_error'):.2f}",
            shallow_seeds=found[shallow].seeds,
            deep_seeds=found[deep].seeds,
            shallow_block=t(language, f"degradation.block.{blocks[0]}"),
            deep_block=t(language, f"degradation.block.{blocks[1]}"),
        )
        for family, found, half in (
            ("plain", plain, "training"),
            ("plain", plain, "test"),
            ("residual", residual, "training"),
        )
    ]
    return [*compared, t(language, "degradation.imagenette_twins.mixed", study=t(language, "degradation.study.title"))]


def _seeds(language: str, seeds: Seeds) -> str:
    return t(
        language,
        "degradation.imagenette_twins.seeds",
        count=seeds.count,
        residual=f"{seeds.residual:.2f} ± {seeds.residual_spread:.2f}",
        plain=f"{seeds.plain:.2f} ± {seeds.plain_spread:.2f}",
        better=seeds.residual_better,
    )


def _gap(language: str, gap: Gap) -> str:
    return t(
        language,
        f"degradation.imagenette_twins.{gap.verdict}",
        depth=gap.depth,
        residual=f"{gap.residual:.2f}",
        plain=f"{gap.plain:.2f}",
        difference=f"{abs(gap.difference):,}",
        margin=f"{gap.margin * gap.count / 100:.1f}",
        count=f"{gap.count:,}",
        residual_alone=f"{gap.residual_alone:,}",
        plain_alone=f"{gap.plain_alone:,}",
    )
