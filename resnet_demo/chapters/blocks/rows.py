"""A network as a table, row by row, in closed form without torch: nothing is built or run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import prod

from resnet_demo.chapters.blocks.layers import Layer, Part, Shape, Shortcut, stack
from resnet_demo.models.architectures import describe
from resnet_demo.models.layer_costs import whole

LARGEST_SIDE = 4096
FLOAT32 = 4
STEPPING = ("conv", "maxpool")
READS_AGAIN = ("conv", "norm", "maxpool", "linear")
"""Layers whose backward pass needs their input."""


@dataclass(frozen=True)
class Row:
    """One layer or block of a network.

    Attributes:
        name: the module's path, e.g. "conv1" or "layer1.0". In V1 "conv1" counts the BN after it, too.
        stage: "stem", "layer1" ... and "head".
        paper: the paper's name of the stage: "conv1", "conv2_x" ..., for the CIFAR networks "stage 1" ..., and "head".
            The max-pool is in the stem and in conv2_x.
        kind: "conv", "maxpool", "basic", "bottleneck", "norm", "avgpool" or "linear".
        kernels: the kernels in order, e.g. "1x1, 3x3, 1x1"; empty for "norm" and "linear".
        stride: the total stride of the row's kernels; None if it has no kernels, as in the head.
        input, output: (C, H, W) for one image.
        shortcut: "none" in a plain block, None in a row that is not a block.
        parameters: everything learnt in the row, the shortcut included.
        shortcut_parameters: those of the shortcut's projection and its BN.
        macs: multiply-adds of convolutions and linear layers, the shortcut included; 1 MAC = 2 FLOPs.
        receptive_field: side in pixels of the image region that one output value can depend on, along the main path:
            r + (k - 1)·dilation·jump for each kernel in order; for a linear layer that reads a flattened map, k is the
            map's side. It may extend beyond the image.
        effective_stride: distance in image pixels between two neighbouring output values (the jump); None once the
            map is pooled to one pixel.
        memory: bytes of the feature maps of this row that a training step keeps for the backward pass, in float32, for
            one image: the outputs of ReLUs and the inputs of convolutions, BN, max-pool and linear layers. Weights,
            BN's per-channel statistics, the max-pool's indices and the image itself are not included.
        layers: the operations of the row in order.
    """

    name: str
    stage: str
    paper: str
    kind: str
    kernels: str
    stride: int | None
    input: Shape
    output: Shape
    shortcut: Shortcut | None
    parameters: int
    shortcut_parameters: int
    macs: int
    receptive_field: int
    effective_stride: int | None
    memory: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Totals:
    """Sums over rows."""

    parameters: int
    shortcut_parameters: int
    macs: int
    memory: int


@dataclass(frozen=True)
class StageSum:
    """A stage by the paper's name, its number of blocks, its output and its sums."""

    paper: str
    blocks: int
    output: Shape
    totals: Totals


class Rows(list[Row]):
    """The rows of a network; a notebook shows them as a table."""

    def _repr_html_(self) -> str:
        from resnet_demo.chapters.blocks.formats import as_html

        return as_html(self)


def blocks(name: str, size: int = 224, **options: object) -> Rows:
    """The rows of the network `name` for a picture of `size` x `size` pixels, 1 to 4096.

    `options` are those of `models.build`. Raises ArchitectureError for these, CountError for `size`.
    Padding rounds every map's side up, so a ResNet takes any size: no stage ever becomes 0 x 0.
    """
    return Rows(rows_of(stack(describe(name, **options), whole("size", size, high=LARGEST_SIDE))))


def rows_of(parts: Iterable[Part]) -> list[Row]:
    """Counts the parts of a network: cost, receptive field and memory of each."""
    parts = list(parts)
    field, jump, side = 1, 1, 1
    rows = []
    for part, kept in zip(parts, _kept(parts), strict=True):
        main = [layer for layer in part.layers if not layer.shortcut]
        steps = [layer for layer in main if layer.kind in STEPPING]
        for layer in main:
            kernel = side if layer.kind == "linear" else layer.kernel  # it reads every pixel of a flattened map
            field += layer.dilation * max(kernel - 1, 0) * jump
            jump *= layer.stride
            side = layer.output[1]
        pooled = part.kind in ("avgpool", "linear")
        rows.append(
            Row(
                name=part.name,
                stage=part.stage,
                paper=part.paper,
                kind=part.kind,
                kernels=", ".join(f"{layer.kernel}x{layer.kernel}" for layer in main if layer.kernel),
                stride=prod(layer.stride for layer in steps) if steps else None,
                input=main[0].input,
                output=main[-1].output,
                shortcut=part.shortcut,
                parameters=sum(layer.parameters for layer in part.layers),
                shortcut_parameters=sum(layer.parameters for layer in part.layers if layer.shortcut),
                macs=sum(layer.macs for layer in part.layers),
                receptive_field=field,
                effective_stride=None if pooled else jump,
                memory=FLOAT32 * kept,
                layers=part.layers,
            )
        )
    return rows


def _kept(parts: Sequence[Part]) -> list[int]:
    """The number of values in each part that the backward pass reads."""
    kept = [0] * len(parts)
    main = [(index, layer) for index, part in enumerate(parts) for layer in part.layers if not layer.shortcut]
    for (index, layer), (_, following) in pairwise(main):
        if layer.kind == "relu" or following.kind in READS_AGAIN:
            kept[index] += prod(layer.output)
    for index, part in enumerate(parts):
        for layer, following in pairwise(part.layers):
            if layer.shortcut and following.kind in READS_AGAIN:  # a projection with its BN
                kept[index] += prod(layer.output)
    return kept


def totals(rows: Sequence[Row]) -> Totals:
    return Totals(
        sum(row.parameters for row in rows),
        sum(row.shortcut_parameters for row in rows),
        sum(row.macs for row in rows),
        sum(row.memory for row in rows),
    )


def stage_sums(rows: Sequence[Row]) -> list[StageSum]:
    """The sums of each stage in order, by the paper's names."""
    grouped = [(paper, list(members)) for paper, members in groupby(rows, key=lambda row: row.paper)]
    return [
        StageSum(paper, sum(row.shortcut is not None for row in members), members[-1].output, totals(members))
        for paper, members in grouped
    ]
