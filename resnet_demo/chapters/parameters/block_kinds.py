"""The kinds of block that can be counted, and the settings of each, checked.

Letters: k side of a kernel, C channels into and out of a block, N channels inside it, G groups, n convolutions or
layers, m width factor, g channels added by each layer.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from resnet_demo.errors import CountError
from resnet_demo.models.layer_costs import whole

SHORTCUTS = ("none", "A", "B", "C")
SWITCHES = ("bias", "norm")


@dataclass(frozen=True)
class Block:
    """One block with all its numbers. Settings that its kind does not use stay at 1 or "none".

    Attributes:
        kind: one of `KINDS`.
        channels_in, channels_out: of the input and the output.
        width: channels inside, N; of a wide block before it is widened.
        kernel: side of the larger convolutions, odd; padded so that stride 1 keeps the map's size.
        depth: stacked convolutions of "vgg", layers of "dense".
        groups: of the k x k convolutions.
        widen: the width factor of a "wide" block, relative to N.
        growth: channels that each layer of "dense" adds.
        stride: of the first k x k convolution.
        bias, norm: whether convolutions have a bias, and whether each has BatchNorm.
        shortcut: "none", or the paper's option A (zero padding), B (projection where shapes differ), C (always).
    """

    kind: str
    channels_in: int
    channels_out: int
    width: int = 1
    kernel: int = 3
    depth: int = 1
    groups: int = 1
    widen: int = 1
    growth: int = 1
    stride: int = 1
    bias: bool = False
    norm: bool = True
    shortcut: str = "none"

    @property
    def inside(self) -> int:
        """Channels of the k x k convolution in a bottleneck."""
        return self.width * self.widen

    @property
    def projects(self) -> bool:
        """Whether the shortcut has a 1 x 1 convolution."""
        same = self.stride == 1 and self.channels_in == self.channels_out
        return self.shortcut == "C" or (self.shortcut == "B" and not same)


@dataclass(frozen=True)
class Kind:
    """The settings of a kind of block besides `channels_in` and `kernel`, and their defaults."""

    fields: tuple[str, ...]
    bias: bool = False
    norm: bool = True
    shortcut: str = "none"

    @property
    def numbers(self) -> tuple[str, ...]:
        """Its integer settings."""
        return tuple(field for field in ("channels_in", "kernel", *self.fields) if field != "shortcut")


FREE = ("channels_out", "groups", "stride", "shortcut")
KINDS = {
    "vgg": Kind(("depth", *FREE), bias=True, norm=False),
    "basic": Kind(FREE, shortcut="B"),
    "bottleneck": Kind(("width", *FREE), shortcut="B"),
    "resnext": Kind(("width", *FREE), shortcut="B"),
    "wide": Kind(("width", "widen", *FREE), shortcut="B"),
    "depthwise": Kind(("channels_out", "stride", "shortcut")),
    "dense": Kind(("width", "depth", "growth")),
}
"""VGG-style stack (arXiv 1409.1556), basic block and bottleneck (1512.03385, Fig. 5), grouped (1611.05431, Fig. 3c),
wide as in torchvision's wide_resnet50_2 (1605.07146), depthwise-separable (1704.04861), dense (1608.06993)."""
NUMBERS = tuple(dict.fromkeys(number for kind in KINDS.values() for number in kind.numbers))
STACKED = ("vgg", "basic")
CARDINALITY = 32


def block(kind: str, channels: int, /, width: int | None = None, **settings: object) -> Block:
    """A validated block with the given settings and its kind's defaults for the rest.

    `channels` is the number of input channels, and of output channels unless `channels_out` is given. Raises
    CountError.
    """
    if kind not in KINDS:
        raise CountError("count_kind", value=kind, kinds=", ".join(KINDS))
    given = {name: setting for name, setting in {"width": width, **settings}.items() if setting is not None}
    for name in given:
        _known(kind, name, given[name])
    numbers: dict[str, Any] = {
        name: count_of(name, number) for name, number in given.items() if name not in (*SWITCHES, "shortcut")
    }
    channels = count_of("channels", channels)
    made = Block(kind, channels, numbers.get("channels_out", channels), norm=KINDS[kind].norm, bias=KINDS[kind].bias)
    made = replace(made, shortcut=KINDS[kind].shortcut, **_usual(kind, made.channels_out, numbers))
    return checked(replace(made, **numbers, **_chosen(given)))


def checked(b: Block) -> Block:
    """`b` with the output channels that follow from its layers. Raises CountError if settings do not fit together."""
    if b.kernel % 2 == 0:
        raise CountError("count_odd", name="kernel", value=b.kernel, nearest=b.kernel - 1)
    if b.kind == "dense":
        b = replace(b, channels_out=b.channels_in + b.depth * b.growth)
    if b.shortcut == "A" and b.channels_out < b.channels_in:
        raise CountError("count_padding", channels_in=b.channels_in, channels_out=b.channels_out)
    grouped(b)
    return b


def group_step(b: Block, *names: str) -> int:
    """The number that the settings `names` must be multiples of, so that groups divide the channels."""
    split = ("channels_in", "channels_out") if b.kind in STACKED else ("width",)
    return b.groups // math.gcd(b.groups, b.widen) if set(names) & set(split) else 1


def grouped(b: Block) -> None:
    """Raises CountError unless the groups divide the channels of the k x k convolutions."""
    before, after = (b.channels_in, b.channels_out) if b.kind in STACKED else (b.inside, b.inside)
    shared = math.gcd(before, after)
    if shared % b.groups:
        raise CountError(
            "count_groups",
            value=b.groups,
            channels_in=before,
            channels_out=after,
            nearest=min(_divisors(shared), key=lambda d: (abs(d - b.groups), d)),
        )


def _divisors(number: int) -> set[int]:
    small = {d for d in range(1, math.isqrt(number) + 1) if number % d == 0}
    return small | {number // d for d in small}


def count_of(name: str, number: object) -> int:
    """`number` as a whole number in range. Raises CountError."""
    return whole(name, number)


def _known(kind: str, name: str, setting: object) -> None:
    having = [other for other, known in KINDS.items() if name in ("kernel", *SWITCHES, *known.fields)]
    if not having:
        raise CountError(
            "count_field_unknown",
            name=name,
            value=setting,
            kind=kind,
            names=", ".join(dict.fromkeys((*KINDS[kind].numbers, *SWITCHES, *KINDS[kind].fields))),
        )
    if kind not in having:
        raise CountError("count_field", name=name, value=setting, kind=kind, kinds=", ".join(having))


def _usual(kind: str, channels_out: int, given: dict[str, Any]) -> dict[str, Any]:
    """A kind's default numbers, from its paper or torchvision."""
    quarter = max(channels_out // 4, 1)
    if kind == "vgg":
        return {"depth": 2}
    if kind == "bottleneck":
        return {"width": quarter}
    if kind == "resnext":
        width = given.get("width", max(channels_out // 2, 1))
        return {"width": width, "groups": math.gcd(CARDINALITY, width)}
    if kind == "wide":
        return {"width": quarter, "widen": 2}
    if kind == "dense":
        growth = given.get("growth", 32)
        return {"depth": 4, "growth": growth, "width": 4 * growth}
    return {}


def _chosen(given: dict[str, Any]) -> dict[str, Any]:
    """Switches and shortcut, if given."""
    for name in SWITCHES:
        if given.get(name) not in (None, True, False):
            raise CountError("count_switch", name=name, value=given[name])
    if given.get("shortcut", "none") not in SHORTCUTS:
        raise CountError("count_shortcut", value=given["shortcut"])
    return {name: given[name] for name in (*SWITCHES, "shortcut") if name in given}
