"""A block's main path as convolutions: weights as formulas, feature maps between them, and the receptive field."""

from collections.abc import Iterator
from dataclasses import dataclass

from resnet_demo.chapters.parameters.block_kinds import Block
from resnet_demo.chapters.parameters.formulas import (
    Difference,
    Expression,
    Letter,
    Quotient,
    Square,
    product,
    total,
    value,
)


@dataclass(frozen=True)
class Convolution:
    """A convolution, or `times` identical ones."""

    name: str
    which: str
    kernel: Letter | int
    channels_in: Expression
    channels_out: Expression
    side: int
    groups: Letter | int = 1
    times: Expression = 1

    @property
    def weights(self) -> Expression:
        shared = self.channels_in if value(self.groups) == 1 else Quotient(self.channels_in, self.groups)
        if shared == self.channels_out:
            return product(self.times, Square(self.kernel), Square(shared))
        return product(self.times, Square(self.kernel), shared, self.channels_out)

    @property
    def written(self) -> Expression:
        """Output channels."""
        return self.channels_in if self.name == "depthwise" else self.channels_out


class Letters:
    """A block's numbers with their letters."""

    def __init__(self, b: Block) -> None:
        self.before, self.after = Letter("C", b.channels_in, "in"), Letter("C", b.channels_out, "out")
        self.k, self.groups = Letter("k", b.kernel), Letter("G", b.groups)
        self.width, self.growth, self.depth = Letter("N", b.width), Letter("g", b.growth), Letter("n", b.depth)
        self.inside = product(Letter("m", b.widen), self.width) if b.kind == "wide" else self.width


def main_path(b: Block, size: int, after: int) -> Iterator[Convolution]:
    """The convolutions of the main path in order."""
    x = Letters(b)
    if b.kind in ("vgg", "basic"):
        depth = 2 if b.kind == "basic" else b.depth
        yield Convolution("conv", "1", x.k, x.before, x.after, after, x.groups)
        if depth > 1:
            times = 1 if depth == 2 else Difference(x.depth, 1)
            which = "2" if depth == 2 else f"2–{depth}"
            yield Convolution("conv", which, x.k, x.after, x.after, after, x.groups, times)
    elif b.kind == "depthwise":
        yield Convolution("depthwise", "", x.k, x.before, 1, after)
        yield Convolution("pointwise", "", 1, x.before, x.after, after)
    elif b.kind == "dense":
        read = total(product(x.depth, x.before), Quotient(product(x.growth, x.depth, Difference(x.depth, 1)), 2))
        yield Convolution("layers", str(b.depth), 1, read, x.width, size)
        yield Convolution("layers", str(b.depth), x.k, x.width, x.growth, size, times=x.depth)
    else:
        yield Convolution("conv", "1", 1, x.before, x.inside, size)
        yield Convolution("conv", "2", x.k, x.inside, x.inside, after, x.groups)
        yield Convolution("conv", "3", 1, x.inside, x.after, after)


Maps = list[tuple[Expression, Expression]]  # number of feature maps, and the channels of each


def maps(b: Block, convolutions: list[Convolution]) -> tuple[Maps, Maps]:
    """The feature maps with a bias, and those that BatchNorm reads; in a dense layer, the inputs."""
    if b.kind == "dense":
        x = Letters(b)
        return [(x.depth, x.width), (x.depth, x.growth)], [(1, convolutions[0].channels_in), (x.depth, x.width)]
    written: Maps = [(c.times, c.written) for c in convolutions]
    return written, written


def kept(b: Block, convolutions: list[Convolution], size: int, after: int) -> int:
    """Each convolution's output where BatchNorm reads it, each ReLU's output, and a projection's before its BN."""
    if b.kind == "dense":
        return _kept_dense(b, size)
    written = sum(value(product(c.times, c.written)) * c.side**2 for c in convolutions)
    return written * (2 if b.norm else 1) + (b.channels_out * after**2 if b.projects and b.norm else 0)


def _kept_dense(b: Block, size: int) -> int:
    """Layer i reads C_in + i·g channels: a concatenation (except in the first), its ReLU, and N channels twice."""
    read = b.depth * b.channels_in + b.growth * (b.depth * (b.depth - 1) // 2)
    inner = b.depth * b.width
    kept = 2 * (read + inner) - b.channels_in if b.norm else read + inner
    return (kept + b.channels_out) * size**2


def receptive_field(b: Block) -> int:
    """1 + (k - 1) for each k x k convolution; those after a stride of s count s times.

    Araujo et al. 2019, doi 10.23915/distill.00021.
    """
    if b.kind == "dense":
        return 1 + b.depth * (b.kernel - 1)
    later = {"vgg": b.depth - 1, "basic": 1}.get(b.kind, 0)
    return 1 + (b.kernel - 1) * (1 + later * b.stride)
