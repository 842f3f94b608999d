"""What a layer of stride 2 reads: literal grids, and the gradients of torch's layers and networks as witnesses."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from resnet_demo.chapters.residual.downsampled_positions import WAYS, averaged, block_reads, reads, subsampled, way
from resnet_demo.errors import CountError
from resnet_demo.models import build


def test_a_1x1_of_stride_2_reads_one_position_of_four():
    assert reads(4, 1, 2) == ((1, 0, 1, 0), (0, 0, 0, 0), (1, 0, 1, 0), (0, 0, 0, 0))
    assert reads(4, 2, 2) == ((1,) * 4,) * 4
    assert reads(4, 3, 2, 1) == ((1, 2, 1, 1), (2, 4, 2, 2), (1, 2, 1, 1), (1, 2, 1, 1))
    shares = {name: way(name, 64, 128, 56).share for name in WAYS}
    assert shares == {"A": 0.25, "B": 0.25, "D": 1.0, "conv3x3": 1.0}


@pytest.mark.parametrize("size", [4, 7, 8])
@pytest.mark.parametrize("setting", [(1, 2, 0), (2, 2, 0), (3, 2, 1), (3, 1, 1), (5, 3, 2)])
def test_the_counts_are_the_gradients_of_a_sum(size, setting):
    """With every weight 1, the gradient at a position is the number of windows that read it."""
    kernel, stride, padding = setting
    x = torch.zeros(1, 1, size, size, requires_grad=True)
    functional.conv2d(x, torch.ones(1, 1, kernel, kernel), stride=stride, padding=padding).sum().backward()
    assert reads(size, kernel, stride, padding) == tuple(tuple(map(int, row)) for row in x.grad[0, 0].tolist())


def test_option_d_costs_what_option_b_costs():
    b, d, spatial = (way(name, 256, 512, 56) for name in ("B", "D", "conv3x3"))
    assert (b.parameters, b.macs) == (d.parameters, d.macs) == (131_072, 102_760_448)
    assert b.parameters == sum(p.numel() for p in nn.Conv2d(256, 512, 1, stride=2, bias=False).parameters())
    assert (spatial.parameters, spatial.macs) == (9 * 131_072, 9 * 102_760_448)
    assert (way("A", 256, 512, 56).parameters, way("A", 256, 512, 56).macs) == (0, 0)


@pytest.mark.parametrize(
    ("options", "shortcut", "together"),
    [
        ({"stride_in_1x1": True}, "B", 0.25),
        ({"stride_in_1x1": True, "shortcut": "A"}, "A", 0.25),
        ({}, "B", 1.0),
    ],
    ids=["the authors' bottleneck", "with option A", "torchvision's"],
)
def test_a_real_block_reads_what_is_said(options, shortcut, together):
    """Positions that a block of our network does not read have a gradient of exactly 0 in all channels."""
    torch.manual_seed(0)
    block = build("resnet50", 10, **options).layer2[0].eval()
    x = torch.randn(1, 256, 8, 8, requires_grad=True)
    block(x).square().sum().backward()
    read = (x.grad[0] != 0).any(0)
    found = block_reads(8, shortcut, options.get("stride_in_1x1", False))
    assert found.together == together == read.double().mean().item()
    assert (found.main, found.shortcut) == (together, 0.25)
    assert torch.equal(read, torch.tensor(reads(8, *WAYS["B" if together < 1 else "conv3x3"])) > 0)


def test_with_option_d_the_shortcut_reads_all():
    assert block_reads(8, "D", stride_in_1x1=True).together == 1.0
    assert block_reads(8, "D", stride_in_1x1=True).main == 0.25


def test_what_is_left_of_a_map():
    """A bright point is lost at stride 2 unless it stands where the convolution reads; its mean is not."""
    point = np.zeros((4, 4), np.float32)
    point[1, 2] = 1
    assert subsampled(point).tolist() == [[0, 0], [0, 0]]
    assert averaged(point).tolist() == [[0, 0.25], [0, 0]]
    stripes = np.tile(np.array([1, 0], np.float32), (4, 2))
    assert (subsampled(stripes) == 1).all() and (averaged(stripes) == 0.5).all()
    noise = torch.randn(6, 8)
    assert np.array_equal(
        subsampled(noise.numpy()), functional.conv2d(noise[None, None], torch.ones(1, 1, 1, 1), stride=2)[0, 0].numpy()
    )
    assert np.allclose(averaged(noise.numpy()), functional.avg_pool2d(noise[None, None], 2)[0, 0].numpy())


def test_a_map_that_is_too_small_is_refused():
    with pytest.raises(CountError, match="size = 1"):
        reads(1, 2, 2)
    with pytest.raises(CountError, match="size = 0"):
        reads(0, 1, 2)
