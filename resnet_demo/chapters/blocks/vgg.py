"""VGG-19 in closed form, for comparison: the network on the left of the paper's Fig. 3 (arXiv 1512.03385).

Simonyan and Zisserman 2014, arXiv 1409.1556, Table 1, column E. The names are torchvision's. Its classifier
reads the flattened feature map, so its size is fixed: unlike a ResNet it takes only image sizes that lead to 7 x 7,
from 224 to 255 pixels.
"""

from collections.abc import Iterator

from resnet_demo.chapters.blocks.layers import Layer, Part, Shape
from resnet_demo.chapters.blocks.rows import LARGEST_SIDE, Row, Totals, blocks, rows_of, totals
from resnet_demo.errors import ArchitectureError
from resnet_demo.models.layer_costs import conv_parameters, conv_size, linear_macs, linear_parameters, whole

VGG = "vgg19"
STAGES = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)
HEAD = (4096, 4096, 1000)
MADE_FOR = 224


def vgg19(size: int = MADE_FOR) -> list[Row]:
    """The rows of VGG-19, like those of `anatomy.blocks` for a ResNet; dropout is left out.

    Raises ArchitectureError for a size at which a feature map vanishes or does not fit the classifier, and CountError
    for an invalid size.
    """
    size = whole("size", size, high=LARGEST_SIDE)
    side = size
    for number in range(1, len(STAGES) + 1):
        side //= 2  # the max-pool has no padding, so it rounds down
        if side == 0:
            raise ArchitectureError("size_vanishes", name=VGG, size=size, stage=number, nearest=MADE_FOR)
    made_for = MADE_FOR >> len(STAGES)
    if side != made_for:
        largest = (made_for + 1) * 2 ** len(STAGES) - 1
        raise ArchitectureError(
            "size_flatten",
            name=VGG,
            size=size,
            stage=len(STAGES),
            side=side,
            made_for=made_for,
            nearest=MADE_FOR if side < made_for else largest,
        )
    return rows_of(_parts(size))


def network_rows(name: str, size: int = MADE_FOR, **options: object) -> list[Row]:
    """The rows of a whole network, "vgg19" or one of `ARCHITECTURES`.

    Raises ArchitectureError, also for any option of VGG-19, which has none, and CountError.
    """
    if name != VGG:
        return blocks(name, size, **options)
    if options:
        raise ArchitectureError("option_none", name=name, options=", ".join(options))
    return vgg19(size)


def whole_network(name: str, size: int = MADE_FOR, **options: object) -> Totals:
    """The sums over a whole network, "vgg19" or one of `ARCHITECTURES`. Raises ArchitectureError and CountError."""
    return totals(network_rows(name, size, **options))


def _parts(size: int) -> Iterator[Part]:
    shape, number = (3, size, size), 0
    for index, stage in enumerate(STAGES, 1):
        place = f"stage{index}", f"conv{index}_x"
        for channels in stage:
            conv = _convolution(f"features.{number}", shape, channels)
            shape = conv.output
            relu = Layer(f"features.{number + 1}", "relu", shape, shape)
            yield Part(conv.name, *place, "conv", None, (conv, relu))
            number += 2
        before, side = shape, conv_size(shape[1], 2, 2)
        shape = (before[0], side, side)
        pooling = Layer(f"features.{number}", "maxpool", before, shape, kernel=2, stride=2)
        yield Part(pooling.name, *place, "maxpool", None, (pooling,))
        number += 1
    shape = (shape[0] * shape[1] * shape[2], 1, 1)  # flattened
    for index, width in enumerate(HEAD):
        after = (width, 1, 1)
        parameters, macs = linear_parameters(shape[0], width), linear_macs(shape[0], width)
        linear = Layer(f"classifier.{3 * index}", "linear", shape, after, bias=True, parameters=parameters, macs=macs)
        last = index == len(HEAD) - 1
        relu = Layer(f"classifier.{3 * index + 1}", "relu", after, after)
        yield Part(linear.name, "head", "head", "linear", None, (linear,) if last else (linear, relu))
        shape = after


def _convolution(name: str, before: Shape, channels: int) -> Layer:
    side = conv_size(before[1], 3, 1, 1)
    parameters = conv_parameters(before[0], channels, 3, bias=True)
    return Layer(
        name,
        "conv",
        before,
        (channels, side, side),
        kernel=3,
        bias=True,
        parameters=parameters,
        macs=(parameters - channels) * side * side,
    )
