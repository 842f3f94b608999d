"""torchvision as the outside witness: its state dicts load key for key, and the logits agree."""

from collections.abc import Iterator

import pytest
import torch
import torchvision
from torch import Tensor, nn

from resnet_demo.models import build

NAMES = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "wide_resnet50_2"]


def randomise(network: nn.Module, seed: int = 0) -> None:
    """Fills every parameter and BatchNorm statistic: a swapped, missing or default one would change the logits.

    Scales keep the activations of 152 layers within a few powers of ten.
    """
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.normal_(0, (2 / module.weight[0].numel()) ** 0.5, generator=generator)
        elif isinstance(module, nn.Linear):
            module.weight.normal_(0, 0.01, generator=generator)
            module.bias.normal_(0, 0.1, generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.uniform_(0.2, 0.6, generator=generator)
            module.bias.normal_(0, 0.1, generator=generator)
            module.running_mean.normal_(0, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
            module.num_batches_tracked.fill_(7)


def shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {key: value.shape for key, value in network.state_dict().items()}


@pytest.fixture(autouse=True)
def no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.mark.parametrize("name", NAMES)
def test_state_dicts_load_and_logits_agree(name: str) -> None:
    with torch.device("meta"):
        theirs, ours = torchvision.models.get_model(name), build(name)
    theirs.to_empty(device="cpu")
    randomise(theirs)
    weights = theirs.state_dict()
    assert shapes(ours) == shapes(theirs)
    ours.load_state_dict(weights, strict=True, assign=True)
    picture = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    wanted, found = theirs.eval()(picture), ours.eval()(picture)
    assert wanted.isfinite().all() and wanted.std() > 0.05  # a comparison of zeros would prove nothing
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0)


def test_dilated_networks_agree() -> None:
    flags = (False, True, True)
    with torch.device("meta"):
        theirs = torchvision.models.resnet50(replace_stride_with_dilation=list(flags))
        ours = build("resnet50", replace_stride_with_dilation=flags)
    theirs.to_empty(device="cpu")
    randomise(theirs)
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    picture = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(ours.eval()(picture), theirs.eval()(picture), atol=1e-5, rtol=0)


def test_a_training_step_agrees() -> None:
    """Batch statistics, running statistics and gradients, not the evaluation mode alone."""
    theirs, ours = torchvision.models.resnet18(), build("resnet18")
    randomise(theirs)
    ours.load_state_dict(theirs.state_dict())
    pictures = torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.enable_grad():
        for network in (theirs, ours):
            network.train()(pictures).square().mean().backward()
    for key, wanted in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[key], wanted, msg=key)
    for path, parameter in theirs.named_parameters():
        wanted, found = gradient(parameter), gradient(ours.get_parameter(path))
        torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-3, msg=path)


def gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None and parameter.grad.any()
    return parameter.grad


def test_the_comparison_can_fail() -> None:
    """With the paper's stride in the first 1x1 every key still fits, and the logits differ."""
    theirs = torchvision.models.resnet50()
    randomise(theirs)
    ours = build("resnet50", stride_in_1x1=True)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    picture = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    assert (theirs.eval()(picture) - ours.eval()(picture)).abs().max() > 0.01
