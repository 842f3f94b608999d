"""The named networks, as data. This module does not import torch, so counting does not need torch either.

Sources: He et al. 2015, arXiv 1512.03385, Table 1 (ImageNet) and section 4.2 (CIFAR-10, 6n+2 layers);
He et al. 2016, arXiv 1603.05027 (pre-activation); Xie et al. 2016, arXiv 1611.05431 (ResNeXt);
Zagoruyko and Komodakis 2016, arXiv 1605.07146 (wide).
"""

from dataclasses import dataclass, replace
from typing import Literal

from resnet_demo.errors import ArchitectureError
from resnet_demo.models.options import checked


@dataclass(frozen=True)
class Architecture:
    """Everything that determines a network's shape, as plain values.

    Attributes:
        name: for example "resnet18".
        block: "basic" (two 3x3) or "bottleneck" (1x1, 3x3, 1x1 with four times the channels out).
        depths: blocks in each stage.
        widths: channels of the 3x3 convolutions in each stage, before `width_per_group` scales them.
        stem: "imagenet" (7x7 stride 2, then max-pool) or "cifar" (one 3x3).
        residual: True for ResNet, False for its plain twin: the same main path without shortcuts.
        shortcut: where shapes differ, "A" subsamples and pads with zeros, "B" projects with a 1x1;
            "C" projects in every block.
        preactivation: BN and ReLU before each convolution (V2) instead of after it (V1).
        zero_gamma: the last BN of every residual branch starts at gamma = 0.
        norm: "batch", or "none": no normalisation, convolutions get a bias instead.
        stride_in_1x1: bottlenecks downsample in the first 1x1 (the authors' release) instead of the 3x3 (torchvision).
        groups, width_per_group: of the bottleneck's 3x3 (ResNeXt, wide).
        replace_stride_with_dilation: one flag per stage after the first; True keeps the resolution.
        num_classes: width of the logits.
    """

    name: str
    block: Literal["basic", "bottleneck"]
    depths: tuple[int, ...]
    widths: tuple[int, ...]
    stem: Literal["imagenet", "cifar"]
    residual: bool = True
    shortcut: Literal["A", "B", "C"] = "B"
    preactivation: bool = False
    zero_gamma: bool = False
    norm: Literal["batch", "none"] = "batch"
    stride_in_1x1: bool = False
    groups: int = 1
    width_per_group: int = 64
    replace_stride_with_dilation: tuple[bool, ...] = ()
    num_classes: int = 1000

    @property
    def expansion(self) -> int:
        """Channels out of a block, as a multiple of its stage's width."""
        return 4 if self.block == "bottleneck" else 1

    @property
    def inner_widths(self) -> tuple[int, ...]:
        """Channels of the 3x3 convolutions, stage by stage."""
        return tuple(width * self.width_per_group // 64 * self.groups for width in self.widths)

    @property
    def strides(self) -> tuple[int, ...]:
        """Stride of each stage's first block."""
        return tuple(1 if kept else 2 for kept in (True, *self._dilated))

    @property
    def dilations(self) -> tuple[int, ...]:
        """Dilation of each stage's 3x3 convolutions; a stage's first block still uses that of the previous stage."""
        found = [1]
        for dilated in self._dilated:
            found.append(found[-1] * 2 if dilated else found[-1])
        return tuple(found)

    @property
    def _dilated(self) -> tuple[bool, ...]:
        return self.replace_stride_with_dilation or (False,) * (len(self.depths) - 1)

    @property
    def out_channels(self) -> int:
        """Channels of the last feature map, which are the classifier's inputs."""
        return self.widths[-1] * self.expansion


STEMS = ("imagenet", "cifar")
WIDEST = 10**6
"""Limit on the channels or classes of a layer: more than any network has, and still quick to count."""
IMAGENET_WIDTHS = (64, 128, 256, 512)
CIFAR_WIDTHS = (16, 32, 64)


def _imagenet(name: str, block: Literal["basic", "bottleneck"], *depths: int) -> Architecture:
    return Architecture(name, block, depths, IMAGENET_WIDTHS, "imagenet", residual=not name.startswith("plain"))


def _cifar(name: str, layers: int) -> Architecture:
    depth = (layers - 2) // 6
    residual = not name.startswith("plain")
    return Architecture(name, "basic", (depth,) * 3, CIFAR_WIDTHS, "cifar", residual, shortcut="A", num_classes=10)


def _named() -> dict[str, Architecture]:
    networks = [
        _imagenet("resnet18", "basic", 2, 2, 2, 2),
        _imagenet("resnet34", "basic", 3, 4, 6, 3),
        _imagenet("resnet50", "bottleneck", 3, 4, 6, 3),
        _imagenet("resnet101", "bottleneck", 3, 4, 23, 3),
        _imagenet("resnet152", "bottleneck", 3, 8, 36, 3),
        _imagenet("plain18", "basic", 2, 2, 2, 2),
        _imagenet("plain34", "basic", 3, 4, 6, 3),
        _imagenet("plain50", "bottleneck", 3, 4, 6, 3),
        replace(_imagenet("resnext50_32x4d", "bottleneck", 3, 4, 6, 3), groups=32, width_per_group=4),
        replace(_imagenet("wide_resnet50_2", "bottleneck", 3, 4, 6, 3), width_per_group=128),
    ]
    networks += [_cifar(f"{kind}{n}", n) for kind in ("resnet", "plain") for n in (20, 32, 44, 56, 110)]
    return {network.name: network for network in networks}


ARCHITECTURES: dict[str, Architecture] = _named()


def depth_of(name: str) -> int:
    """The number of layers in a network's name: 56 for "plain56", 50 for "resnext50_32x4d"."""
    return int(name.lstrip("abcdefghijklmnopqrstuvwxyz_").split("_")[0])


def describe(name: str, **options: object) -> Architecture:
    """The architecture `name` with `options` (see `models.options`) in place of its own.

    Raises ArchitectureError for an unknown name or option, and for options that exclude each other.
    """
    if not isinstance(name, str) or name not in ARCHITECTURES:  # a script may pass anything
        raise ArchitectureError("architecture_unknown", name=name, names=", ".join(ARCHITECTURES))
    architecture = replace(ARCHITECTURES[name], **checked(options))  # type: ignore[arg-type]
    _check(architecture)
    return architecture


def _check(a: Architecture) -> None:
    """Rejects values outside the contract and meaningless combinations."""
    stages = len(a.depths)
    basic_only = a.groups == 1 and a.width_per_group == 64 and not a.stride_in_1x1
    branch_ends_in_norm = a.residual and a.norm == "batch" and not a.preactivation
    if a.stem not in STEMS:
        raise ArchitectureError("option_stem", value=a.stem)
    if a.shortcut not in ("A", "B", "C"):
        raise ArchitectureError("option_shortcut", value=a.shortcut)
    if a.norm not in ("batch", "none"):
        raise ArchitectureError("option_norm", value=a.norm)
    for option in ("num_classes", "groups", "width_per_group"):
        value = getattr(a, option)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ArchitectureError("option_positive", option=option, value=value)
    if a.block == "basic" and not basic_only:
        raise ArchitectureError("option_bottleneck_only", name=a.name)
    _check_widths(a)
    if len(a.replace_stride_with_dilation) not in (0, stages - 1):
        raise ArchitectureError(
            "option_dilation", given=len(a.replace_stride_with_dilation), name=a.name, wanted=stages - 1
        )
    if a.zero_gamma and not branch_ends_in_norm:
        raise ArchitectureError("option_zero_gamma")


def _check_widths(a: Architecture) -> None:
    """Rejects options that would make a layer wider than `WIDEST`, and names the largest value that does not."""
    for_one = a.widths[-1] * a.width_per_group // 64  # channels of one group, in the widest stage
    largest = {
        "num_classes": WIDEST,
        "width_per_group": (64 * (WIDEST + 1) - 1) // a.widths[-1],
        "groups": max(WIDEST // max(for_one, 1), 1),
    }
    for option, most in largest.items():
        value = getattr(a, option)
        if value > most:
            raise ArchitectureError("option_widest", option=option, value=value, nearest=most, widest=WIDEST)
