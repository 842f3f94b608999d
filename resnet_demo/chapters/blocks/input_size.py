"""Why a ResNet takes a picture of any size: global average pooling against a head that flattens the map."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod

from resnet_demo.chapters.blocks.layers import Shape, stack
from resnet_demo.chapters.blocks.rows import LARGEST_SIDE
from resnet_demo.models.architectures import Architecture, describe
from resnet_demo.models.layer_costs import whole

USUAL_SIDE = {"imagenet": 224, "cifar": 32}
"""Side of the pictures that the networks with either stem were made for."""


@dataclass(frozen=True)
class AtSize:
    """The end of a network at one size of the picture.

    Attributes:
        size: side of the picture; `side` that of the map before the head, with `channels` channels.
        pooled: numbers that the classifier gets after global average pooling: one a channel, at any size.
        flattened: numbers that it would get from the flattened map, and `expected` those it was made for.
        message: what torch raises then, or None where the numbers agree.
    """

    size: int
    side: int
    channels: int
    pooled: int
    flattened: int
    expected: int
    message: str | None


def any_size(name: str, sizes: Iterable[int], made_for: int | None = None, **options: object) -> tuple[AtSize, ...]:
    """The end of the network `name` at each of `sizes`, beside that of one that flattens its map.

    The flattening head is made for pictures of `made_for` px: 224, or 32 with the CIFAR stem, unless given.
    Raises ArchitectureError, and CountError for sizes.
    """
    a = describe(name, **options)
    expected = _flattened(a, USUAL_SIDE[a.stem] if made_for is None else made_for)
    found = []
    for size in sizes:
        got = _flattened(a, size)
        message = None if got == expected else refusal(got, expected, a.num_classes)
        side = _map(a, size)[1]
        found.append(AtSize(size, side, a.out_channels, a.out_channels, got, expected, message))
    return tuple(found)


def refusal(got: int, expected: int, classes: int) -> str:
    """What torch's linear layer says to one picture's `got` numbers when it takes `expected`."""
    return f"mat1 and mat2 shapes cannot be multiplied (1x{got} and {expected}x{classes})"


def _map(a: Architecture, size: int) -> Shape:
    """(C, H, W) of the map before global average pooling. Only a stage's first block changes a map's shape."""
    shallow = replace(a, depths=(1,) * len(a.depths))
    parts = list(stack(shallow, whole("size", size, high=LARGEST_SIDE)))
    return next(part.layers[0].input for part in parts if part.kind == "avgpool")


def _flattened(a: Architecture, size: int) -> int:
    return prod(_map(a, size))
