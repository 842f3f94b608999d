"""Why bottlenecks make depth cheap: counts a network from its number of blocks per stage, in closed form.

The layout is Table 1 of arXiv 1512.03385 with option B shortcuts, the stride in the 3x3 and 1000 classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resnet_demo.chapters.parameters.block_kinds import count_of
from resnet_demo.chapters.parameters.counting import BlockCount, count
from resnet_demo.errors import CountError
from resnet_demo.models.layer_costs import (
    conv_macs,
    conv_parameters,
    conv_size,
    linear_macs,
    linear_parameters,
    norm_parameters,
    whole,
)

MARKED = {
    18: ("basic", (2, 2, 2, 2)),
    34: ("basic", (3, 4, 6, 3)),
    50: ("bottleneck", (3, 4, 6, 3)),
    101: ("bottleneck", (3, 4, 23, 3)),
    152: ("bottleneck", (3, 8, 36, 3)),
}
"""The five networks of Table 1: kind of block, and blocks in each stage."""
STAGES = ("conv2_x", "conv3_x", "conv4_x", "conv5_x")
WIDTHS = (64, 128, 256, 512)
LAYERS = {"basic": 2, "bottleneck": 3}
EXPANSION = {"basic": 1, "bottleneck": 4}
MOST = 100
CLASSES = 1000


@dataclass(frozen=True)
class NetworkCount:
    """A residual network of one kind of block; `layers` counts main-path convolutions and fc, as in its name."""

    kind: str
    blocks: tuple[int, ...]
    layers: int
    parameters: int
    macs: int

    @property
    def known_as(self) -> int | None:
        """The number in its name, if it is one of Table 1."""
        return next((n for n, marked in MARKED.items() if marked == (self.kind, self.blocks)), None)


def network(kind: str, blocks: Sequence[int], size: int = 224) -> NetworkCount:
    """Layers, parameters and MACs with `blocks` blocks in the four stages, 1 to 100 each. Raises CountError."""
    if kind not in LAYERS:
        raise CountError("count_kind", value=kind, kinds=", ".join(LAYERS))
    depths = tuple(whole(stage, number, high=MOST) for stage, number in zip(STAGES, blocks, strict=True))
    side = conv_size(count_of("size", size), 7, 2, 3)
    parameters, macs = conv_parameters(3, 64, 7) + norm_parameters(64), conv_macs(3, 64, 7, side)
    side = conv_size(side, 3, 2, 1)
    before = WIDTHS[0]
    for stage, depth in enumerate(depths):
        first, further = stage_blocks(kind, stage, before, side)
        parameters += first.parameters + (depth - 1) * further.parameters
        macs += first.macs + (depth - 1) * further.macs
        before, side, _ = first.output
    return NetworkCount(
        kind,
        depths,
        LAYERS[kind] * sum(depths) + 2,
        parameters + linear_parameters(before, CLASSES),
        macs + linear_macs(before, CLASSES),
    )


def stage_blocks(kind: str, stage: int, channels_in: int, side: int) -> tuple[BlockCount, BlockCount]:
    """A stage's first block, which changes the shape, and a further one; `side` is that of the stage's input."""
    width, channels = WIDTHS[stage], WIDTHS[stage] * EXPANSION[kind]
    inside = width if kind == "bottleneck" else None
    first = count(kind, channels_in, inside, channels_out=channels, stride=1 if stage == 0 else 2, size=side)
    return first, count(kind, channels, inside, size=first.output[1])


def further_blocks(kind: str, size: int = 224) -> list[BlockCount]:
    """The cost of one more block in each of the four stages."""
    side = conv_size(conv_size(count_of("size", size), 7, 2, 3), 3, 2, 1)
    found = []
    for stage in range(len(STAGES)):
        _, further = stage_blocks(kind, stage, WIDTHS[stage] * EXPANSION[kind], side)
        found.append(further)
        side = further.output[1]
    return found
