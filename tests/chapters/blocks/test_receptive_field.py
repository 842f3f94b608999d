"""Receptive fields: published ones, and what gradients reach."""

import pytest
import torch
from torch import nn

from resnet_demo.chapters.blocks.layers import stack
from resnet_demo.chapters.blocks.rows import blocks, rows_of
from resnet_demo.models.architectures import Architecture
from resnet_demo.models.resnet import ResNet

FIELDS = [
    # Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", distill.pub, Table 1:
    # their ResNets step in the stage's last block, which is as far as ours with stride_in_1x1 reach.
    ("resnet50", {"stride_in_1x1": True}, 483),
    ("resnet101", {"stride_in_1x1": True}, 1027),
    ("resnet152", {"stride_in_1x1": True}, 1507),
    ("resnet18", {}, 435),
    ("resnet34", {}, 899),
    ("resnet50", {}, 427),
]


@pytest.mark.parametrize(("name", "options", "field"), FIELDS)
def test_receptive_fields(name: str, options: dict[str, object], field: int) -> None:
    last = [row for row in blocks(name, **options) if row.shortcut][-1]
    assert (last.receptive_field, last.effective_stride) == (field, 32)


def tiny(block: str = "basic", stem: str = "imagenet", **options: object) -> Architecture:
    return Architecture("tiny", block, (2, 1, 1), (2, 4, 4), stem, num_classes=2, **options)  # type: ignore[arg-type]


def with_open_paths(a: Architecture) -> ResNet:
    """Every weight positive and every ReLU open, so that a gradient reaches each pixel that a value depends on."""
    network = ResNet(a).eval().double()
    network.maxpool = nn.AvgPool2d(3, stride=2, padding=1) if a.stem == "imagenet" else network.maxpool
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
    return network


def reached(value: torch.Tensor, picture: torch.Tensor) -> list[tuple[int, int]]:
    """First and last row and column of the picture that a value depends on."""
    (gradient,) = torch.autograd.grad(value, picture, retain_graph=True)
    there = gradient[0].sum(0) > 0
    return [(int(hit.nonzero()[0]), int(hit.nonzero()[-1])) for hit in (there.any(1), there.any(0))]


@pytest.mark.parametrize("block", ["basic", "bottleneck"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stem": "cifar", "shortcut": "A"},
        {"residual": False},
        {"preactivation": True},
        {"replace_stride_with_dilation": (True, True)},
        {"stride_in_1x1": True},
    ],
    ids=str,
)
def test_gradients_reach_as_far_as_the_receptive_field(block: str, options: dict[str, object]) -> None:
    a = tiny(block, **{key: value for key, value in options.items() if block == "bottleneck" or key != "stride_in_1x1"})
    size = 257
    picture = torch.ones(1, 3, size, size, dtype=torch.float64, requires_grad=True)
    out = picture
    network = with_open_paths(a)
    rows = {row.name: row for row in rows_of(stack(a, size)) if row.shortcut}
    out = network.stem(picture)
    for name, module in network.stages.items():
        for position, of_stage in enumerate(module):
            out, row = of_stage(out), rows[f"{name}.{position}"]
            middle = out.shape[-1] // 2
            here, next_to_it = (reached(out[0, 0, middle, middle + step], picture) for step in (0, 1))
            assert [last - first + 1 for first, last in here] == [row.receptive_field] * 2
            assert next_to_it[1][0] - here[1][0] == row.effective_stride
