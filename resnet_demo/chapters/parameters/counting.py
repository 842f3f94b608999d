"""The cost of one block, term by term: the parameter-efficiency calculator. Plain integers, without torch.

MACs are multiply-adds of convolutions; 1 MAC = one multiplication and one addition = 2 FLOPs.
"""

from dataclasses import dataclass

from resnet_demo.chapters.parameters.block_kinds import Block, block, count_of
from resnet_demo.chapters.parameters.convolutions import (
    Convolution,
    Letters,
    Maps,
    kept,
    main_path,
    maps,
    receptive_field,
)
from resnet_demo.chapters.parameters.formulas import (
    TEXT,
    Difference,
    Expression,
    Letter,
    Style,
    product,
    spell,
    total,
    value,
)
from resnet_demo.errors import CountError
from resnet_demo.models.layer_costs import conv_size

FLOAT32 = 4  # bytes


@dataclass(frozen=True)
class Term:
    """One term of a count.

    Attributes:
        name: "conv", "depthwise", "pointwise", "layers", "shortcut", "bias" or "norm".
        role: its colour in the charts: "spatial" (k x k), "pointwise" (1 x 1), "depthwise", or the last three names.
        which: the convolutions that it covers, e.g. "1" or "2–5"; for "layers" their number.
        kernel: side of its kernel; 0 if there is none.
        expression: the number of parameters, as a formula.
        side: of its output feature map; 0 for "bias" and "norm", which are not counted as MACs.
        macs: multiply-adds.
    """

    name: str
    role: str
    which: str
    kernel: int
    expression: Expression
    side: int
    macs: int

    @property
    def parameters(self) -> int:
        return value(self.expression)

    @property
    def symbols(self) -> str:
        """In letters, e.g. "k²·C_in·C_out"."""
        return spell(self.expression)

    @property
    def numbers(self) -> str:
        """With numbers, e.g. "3²·256·256"."""
        return spell(self.expression, numbers=True)


@dataclass(frozen=True)
class BlockCount:
    """The cost of a block for one image whose feature map has `size` x `size` pixels.

    Attributes:
        output: (C, H, W) of the output.
        activations: values that training keeps for the backward pass, including the output but not the input: the
            outputs of every convolution with a BatchNorm and of every ReLU, and every concatenation that BatchNorm
            reads.
        receptive_field: side of the square of input pixels that one output pixel depends on.
    """

    block: Block
    size: int
    terms: tuple[Term, ...]
    output: tuple[int, int, int]
    activations: int
    receptive_field: int

    @property
    def kind(self) -> str:
        return self.block.kind

    @property
    def parameters(self) -> int:
        return sum(term.parameters for term in self.terms)

    @property
    def macs(self) -> int:
        return sum(term.macs for term in self.terms)

    @property
    def activation_bytes(self) -> int:
        """The activations in float32."""
        return FLOAT32 * self.activations

    @property
    def formula(self) -> str:
        """The parameters in letters."""
        return self.spelt(TEXT, False)

    @property
    def numbers(self) -> str:
        """The parameters in numbers."""
        return self.spelt(TEXT, True)

    def spelt(self, style: Style, numbers: bool) -> str:
        return " + ".join(spell(term.expression, style, numbers) for term in self.terms)


def count(
    kind: str, channels: int, width: int | None = None, *, size: int = 56, **settings: int | bool | str | None
) -> BlockCount:
    """Parameters, MACs, activations and receptive field of one block, term by term.

    `kind` is one of `KINDS`; `channels` is the number of input channels, and of output channels unless `channels_out`
    is given; `width` is the number inside; `size` is the side of the input feature map in pixels. `settings` are the
    fields of `kinds.Block`; missing ones have the kind's defaults: a bottleneck is a quarter as wide, has BatchNorm
    and no bias. Raises CountError.
    """
    return count_block(block(kind, channels, width, **settings), size)


def count_block(b: Block, size: int = 56) -> BlockCount:
    """`count` for a complete block."""
    size = count_of("size", size)
    after = conv_size(size, b.kernel, b.stride, b.kernel // 2)
    convolutions = list(main_path(b, size, after))
    terms = [_weights(c) for c in convolutions]
    if b.projects:
        terms.append(_projection(b, after))
    biased, normalised = maps(b, convolutions)
    if b.bias:
        terms.append(Term("bias", "bias", "", 0, _per_channel(1, biased), 0, 0))
    if b.norm:
        terms.append(Term("norm", "norm", "", 0, _per_channel(2, normalised), 0, 0))  # gamma and beta
    output = (b.channels_out, after, after)
    return BlockCount(b, size, tuple(terms), output, kept(b, convolutions, size, after), receptive_field(b))


def _weights(c: Convolution) -> Term:
    spatial = "spatial" if isinstance(c.kernel, Letter) else "pointwise"
    role = "depthwise" if c.name == "depthwise" else spatial
    return Term(c.name, role, c.which, value(c.kernel), c.weights, c.side, value(c.weights) * c.side**2)


def _projection(b: Block, after: int) -> Term:
    """The shortcut's 1 x 1 convolution, with its bias and BatchNorm."""
    x = Letters(b)
    weights = product(x.before, x.after)
    also = [x.after] * b.bias + [product(2, x.after)] * b.norm
    return Term("shortcut", "shortcut", "", 1, total(weights, *also), after, value(weights) * after**2)


def _per_channel(each: int, channels_of: Maps) -> Expression:
    """Per-channel parameters. They are not MACs, which count convolutions and linear layers."""
    alike: dict[Expression, list[Expression]] = {}
    for times, channels in channels_of:
        alike.setdefault(channels, []).append(times)
    return product(each, total(*(product(_together(times), channels) for channels, times in alike.items())))


def _together(times: list[Expression]) -> Expression:
    """Writes 1 + 1 as 2, and 1 + (n − 1) as n."""
    match times:
        case [1, Difference(minuend, 1)]:
            return minuend
        case [one]:
            return one
    return sum(map(value, times))


def reduction(a: int, b: int) -> float:
    """How many percent `b` saves compared with `a`: 75.0 if b is a quarter of a, negative if b is larger."""
    if a < 1:
        raise CountError("count_reduction", value=a)
    return 100 * (a - b) / a
