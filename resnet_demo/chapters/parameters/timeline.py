"""Networks from LeNet-5 to ConvNeXt: year, size and accuracy, as literals that do not need torch.

Parameters and top-1 on ImageNet's validation half (one centre crop of 224 px) are those of torchvision 0.26's
IMAGENET1K_V1 weights, and MACs are exact for the same networks at 224 px: torchvision publishes them in units of
1e9 to three digits. Tests compare all of it with torchvision. Its AlexNet is the narrower one of arXiv 1404.5997,
its GoogLeNet has BatchNorm and is counted without the two auxiliary classifiers.

LeNet-5 is LeCun et al. 1998, "Gradient-based learning applied to document recognition", section II.B: 60,000
trainable parameters; MACs of C1, C3, C5 and F6 from its Fig. 2 and Table I. It was never trained on ImageNet: 0.95%
error on MNIST (section III.C).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A published network; `top1` is in percent, None if torchvision has no weights of it.

    `key` is torchvision's name, if it has the network; `paper` is an arXiv number or a citation.
    """

    key: str
    title: str
    family: str
    year: int
    paper: str
    parameters: int
    macs: int
    top1: float | None


NIPS = "Krizhevsky et al., NIPS 2012"
IEEE = "LeCun et al., Proc. IEEE 1998"
TIMELINE = (
    Known("lenet5", "LeNet-5", "lenet", 1998, IEEE, 60_000, 325_680, None),
    Known("alexnet", "AlexNet", "alexnet", 2012, NIPS, 61_100_840, 714_188_480, 56.522),
    Known("vgg16", "VGG-16", "vgg", 2014, "1409.1556", 138_357_544, 15_470_264_320, 71.592),
    Known("vgg19", "VGG-19", "vgg", 2014, "1409.1556", 143_667_240, 19_632_062_464, 72.376),
    Known("googlenet", "GoogLeNet", "googlenet", 2014, "1409.4842", 6_624_904, 1_498_376_192, 69.778),
    Known("resnet18", "ResNet-18", "resnet", 2015, "1512.03385", 11_689_512, 1_814_073_344, 69.758),
    Known("resnet34", "ResNet-34", "resnet", 2015, "1512.03385", 21_797_672, 3_663_761_408, 73.314),
    Known("resnet50", "ResNet-50", "resnet", 2015, "1512.03385", 25_557_032, 4_089_184_256, 76.13),
    Known("resnet101", "ResNet-101", "resnet", 2015, "1512.03385", 44_549_160, 7_801_405_440, 77.374),
    Known("resnet152", "ResNet-152", "resnet", 2015, "1512.03385", 60_192_808, 11_513_626_624, 78.312),
    Known("wide_resnet50_2", "Wide ResNet-50-2", "wide", 2016, "1605.07146", 68_883_240, 11_398_021_120, 78.468),
    Known("densenet121", "DenseNet-121", "densenet", 2016, "1608.06993", 7_978_856, 2_834_161_664, 74.434),
    Known("resnext50_32x4d", "ResNeXt-50 32×4d", "resnext", 2016, "1611.05431", 25_028_904, 4_230_479_872, 77.618),
    Known("se_resnet50", "SE-ResNet-50", "senet", 2017, "1709.01507", 28_088_024, 4_091_699_200, None),
    Known("convnext_tiny", "ConvNeXt-T", "convnext", 2022, "2201.03545", 28_589_128, 4_455_531_264, 82.52),
)
