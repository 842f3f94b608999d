"""What a 1x1 convolution of stride 2 discards, and what option D changes."""

from dataclasses import dataclass

from resnet_demo.chapters.residual.downsampled_positions import WAYS, BlockReads, Way, block_reads, reads, way
from resnet_demo.kit.format import percent
from resnet_demo.kit.html import html, measured, summary
from resnet_demo.kit.page import Output, Page, number, slider
from resnet_demo.kit.text import t

SMALLEST, LARGEST = 4, 16
BLOCKS = [(shortcut, stride_in_1x1) for stride_in_1x1 in (True, False) for shortcut in ("B", "D")]


@dataclass(frozen=True)
class Positions:
    """What each way reads of a map, and what whole bottlenecks read, in the order of `BLOCKS`."""

    ways: tuple[Way, ...]
    blocks: tuple[BlockReads, ...]


def compute(size: int, channels_in: int, channels_out: int) -> Positions:
    """Raises CountError."""
    return Positions(
        tuple(way(name, channels_in, channels_out, size) for name in WAYS),
        tuple(block_reads(size, shortcut, stride_in_1x1) for shortcut, stride_in_1x1 in BLOCKS),
    )


def draw(positions: Positions, language: str) -> tuple[str, str, str]:
    """What is discarded, each map with how often its positions are read, and what whole blocks read."""
    ways = {one.name: one for one in positions.ways}
    answer = t(
        language,
        "residual.downsampled_positions.answer",
        lost=percent(1 - ways["B"].share, 0),
        kept=percent(ways["D"].share, 0),
        parameters=f"{ways['D'].parameters - ways['B'].parameters:,}",
    )
    maps = html("chapters/residual/pages/downsampled_positions.html", language, ways=positions.ways, percent=percent)
    heads = [
        t(language, f"residual.downsampled_positions.column.{name}")
        for name in ("block", "main", "shortcut", "together")
    ]
    rows = [
        (
            t(
                language,
                f"residual.downsampled_positions.block.{'first' if stride_in_1x1 else 'middle'}",
                option=option,
            ),
            percent(found.main),
            percent(found.shortcut),
            percent(found.together),
        )
        for (option, stride_in_1x1), found in zip(BLOCKS, positions.blocks, strict=True)
    ]
    return summary(answer), maps, measured(heads, rows)


PAGE = Page(
    "downsampled_positions",
    compute,
    draw,
    controls=(
        slider("size", SMALLEST, LARGEST, 8),
        number("channels_in", 256, folded=True),
        number("channels_out", 512, folded=True),
    ),
    outputs=(Output("answer"), Output("maps"), Output("blocks", folded=True)),
    code=(reads, way),
    note="residual.downsampled_positions.note",
    for_experts=True,
)
