"""Classifier heads: flatten with three linear layers (VGG), or global average pooling with one (ResNet).

Sources: Simonyan and Zisserman 2014, arXiv 1409.1556; Lin et al. 2013, arXiv 1312.4400, section 3.2 (GAP);
He et al. 2015, arXiv 1512.03385. Linear layers have biases. Plain integers, without torch.
"""

from dataclasses import dataclass

from resnet_demo.chapters.parameters.block_kinds import count_of
from resnet_demo.chapters.parameters.formulas import Expression, Letter, Square, product, spell, total, value
from resnet_demo.errors import CountError
from resnet_demo.models.layer_costs import conv_size

HEADS = ("flatten", "gap")
HALVINGS = 5


@dataclass(frozen=True)
class Trunk:
    """The trunk before a head: the channels of its last feature map, and whether halving rounds up."""

    channels: int
    rounds_up: bool

    def side(self, size: int) -> int:
        """Side of the last feature map for an image of `size` pixels. Raises CountError if it would be empty."""
        size = count_of("size", size)
        if not self.rounds_up and size < 2**HALVINGS:
            raise CountError("count_vanishes", value=size, times=HALVINGS, nearest=2**HALVINGS)
        for _ in range(HALVINGS):
            # A 2 x 2 pooling drops an odd edge; a padded 3 x 3 or 7 x 7 at stride 2 keeps it.
            size = conv_size(size, 3, 2, 1) if self.rounds_up else conv_size(size, 2, 2)
        return size


TRUNKS = {"vgg16": Trunk(512, rounds_up=False), "resnet50": Trunk(2048, rounds_up=True)}


@dataclass(frozen=True)
class Linear:
    """A linear layer of a head."""

    name: str
    weights: Expression
    biases: Expression

    @property
    def parameters(self) -> int:
        return value(self.weights) + value(self.biases)

    @property
    def macs(self) -> int:
        """One for each weight; biases do not multiply."""
        return value(self.weights)

    @property
    def expression(self) -> Expression:
        return total(self.weights, self.biases)

    @property
    def symbols(self) -> str:
        return spell(self.expression)

    @property
    def numbers(self) -> str:
        return spell(self.expression, numbers=True)


@dataclass(frozen=True)
class HeadCount:
    """A head on a trunk, layer by layer; `side` is that of the trunk's last feature map."""

    trunk: str
    head: str
    channels: int
    side: int
    layers: tuple[Linear, ...]

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)


def head(trunk: str, kind: str, size: int = 224, hidden: int = 4096, classes: int = 1000) -> HeadCount:
    """A head of `kind` ("flatten", "gap") on `trunk` ("vgg16", "resnet50") for images of `size` x `size` pixels.

    `hidden` is the width of the two linear layers before the last one. Raises CountError.
    """
    for name, asked, known in (("trunk", trunk, tuple(TRUNKS)), ("head", kind, HEADS)):
        if asked not in known:
            raise CountError("count_head", name=name, value=asked, names=", ".join(known))
    channels, side = Letter("C", TRUNKS[trunk].channels), Letter("H", TRUNKS[trunk].side(size))
    wide, logits = Letter("F", count_of("hidden", hidden)), Letter("K", count_of("classes", classes))
    if kind == "gap":
        layers = [Linear("fc", product(channels, logits), logits)]
    else:
        layers = [
            Linear("fc1", product(Square(side), channels, wide), wide),
            Linear("fc2", Square(wide), wide),
            Linear("fc3", product(wide, logits), logits),
        ]
    return HeadCount(trunk, kind, channels.number, side.number, tuple(layers))
