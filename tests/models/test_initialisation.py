"""How a network starts: Kaiming over fan-out, BatchNorm as the identity, zero-gamma."""

import math

import pytest
import torch
from torch import nn

from resnet_demo.models import build
from resnet_demo.models.resnet import Block

NAMES = ["resnet18", "resnet20", "resnext50_32x4d"]


@pytest.mark.parametrize("name", NAMES)
def test_convolutions_start_as_kaiming_over_fan_out(name: str) -> None:
    """arXiv 1502.01852, section 2.2: normal with mean 0 and variance 2 / (channels out · k²).

    n samples estimate a standard deviation to 1 / sqrt(2n) of itself, and a mean to 1 / sqrt(n) of it.
    """
    torch.manual_seed(0)
    for path, module in build(name).named_modules():
        if isinstance(module, nn.Conv2d):
            weights = module.weight.detach()
            wanted = math.sqrt(2 / (module.out_channels * module.kernel_size[0] ** 2))
            n = weights.numel()
            assert abs(weights.std().item() / wanted - 1) < 5 / math.sqrt(2 * n), path
            assert abs(weights.mean().item() / wanted) < 5 / math.sqrt(n), path


def test_fan_out_differs_from_fan_in() -> None:
    """The first 7x7 of ResNet-18 tells them apart: sqrt(2 / (64·49)) = 0.0253, sqrt(2 / (3·49)) = 0.1166."""
    torch.manual_seed(0)
    assert build("resnet18").conv1.weight.std().item() == pytest.approx(0.0253, rel=0.05)


@pytest.mark.parametrize("options", [{}, {"preactivation": True}, {"shortcut": "C"}], ids=str)
def test_batchnorm_starts_as_the_identity(options: dict[str, object]) -> None:
    for module in build("resnet20", **options).modules():
        if isinstance(module, nn.BatchNorm2d):
            assert (module.weight == 1).all() and (module.bias == 0).all()
            assert (module.running_mean == 0).all() and (module.running_var == 1).all()


def test_biases_start_at_zero_where_there_is_no_norm() -> None:
    convolutions = [module for module in build("resnet20", norm="none").modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 19
    assert all(module.bias is not None and (module.bias == 0).all() for module in convolutions)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in build("resnet20", norm="none").modules())


@pytest.mark.parametrize(("name", "last"), [("resnet18", "bn2"), ("resnet50", "bn3")])
def test_zero_gamma_zeroes_the_last_norm_of_every_block_and_no_other(name: str, last: str) -> None:
    network = build(name, zero_gamma=True)
    zero = {path for path, m in network.named_modules() if isinstance(m, nn.BatchNorm2d) and not m.weight.any().item()}
    assert zero == {f"{path}.{last}" for path, m in network.named_modules() if isinstance(m, Block)}
    others = [m for path, m in network.named_modules() if isinstance(m, nn.BatchNorm2d) and path not in zero]
    assert all((m.weight == 1).all() for m in others)


@pytest.mark.parametrize("training", [True, False])
def test_with_zero_gamma_an_identity_block_starts_as_relu(training: bool) -> None:
    """arXiv 1706.02677, section 5.1: exactly, whatever the weights inside the branch."""
    torch.manual_seed(0)
    network = build("resnet20", zero_gamma=True).train(training)
    for stage in network.stages.values():
        for block in list(stage)[1:]:
            x = torch.randn(2, block.conv1.in_channels, 8, 8)
            assert torch.equal(block(x), x.relu())
            assert not block.residual(x).any()


def test_with_zero_gamma_the_first_gradient_reaches_the_last_norm_alone() -> None:
    torch.manual_seed(0)
    network = build("resnet20", zero_gamma=True)
    network(torch.randn(2, 3, 32, 32)).square().sum().backward()
    reached = {
        path.split(".", 2)[2]
        for path, p in network.named_parameters()
        if path.startswith("layer") and p.grad is not None and p.grad.any().item()
    }
    assert reached == {"bn2.weight", "bn2.bias"}
    assert network.conv1.weight.grad.any()  # the shortcuts carry it to the stem
