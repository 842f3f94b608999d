"""Nothing in our networks works in place: what an observer of a layer saw stays what it was."""

import pytest
import torch
from torch import Tensor, nn

from resnet_demo.models import ARCHITECTURES, build
from resnet_demo.models.architectures import Architecture
from resnet_demo.models.resnet import Block, ResNet

OPTIONS: list[dict[str, object]] = [
    {},
    {"residual": False},
    {"shortcut": "A"},
    {"shortcut": "C"},
    {"preactivation": True},
    {"preactivation": True, "residual": False},
    {"norm": "none"},
    {"zero_gamma": True},
]


def tiny(block: str = "basic", **options: object) -> ResNet:
    """Two stages of two blocks: an identity and a change of shape in either."""
    torch.manual_seed(0)
    return ResNet(Architecture("tiny", block, (2, 2), (4, 8), "imagenet", num_classes=3, **options))


def overwritten(network: nn.Module, x: Tensor) -> set[str]:
    """Paths of modules whose input or output was changed after a forward hook had seen it."""
    seen: list[tuple[str, Tensor, Tensor]] = []
    for path, module in network.named_modules():

        def keep(_: nn.Module, inputs: tuple[Tensor], out: Tensor, path: str = path) -> None:
            seen.extend((path, tensor, tensor.detach().clone()) for tensor in (inputs[0], out))

        module.register_forward_hook(keep)
    network(x)
    paths = {path for path, _, _ in seen}
    assert {path for path, module in network.named_modules() if isinstance(module, Block)} < paths
    assert {path for path, m in network.named_modules() if isinstance(m, nn.Conv2d | nn.ReLU | nn.BatchNorm2d)} < paths
    return {path for path, tensor, copy in seen if tensor._version != 0 or not torch.equal(tensor, copy)}


def picture() -> Tensor:
    return torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("block", ["basic", "bottleneck"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("gradients", [True, False])
def test_what_hooks_saw_stays(block: str, options: dict[str, object], training: bool, gradients: bool) -> None:
    with torch.set_grad_enabled(gradients):
        assert overwritten(tiny(block, **options).train(training), picture()) == set()


@pytest.mark.parametrize("name", ["resnet18", "plain20", "resnet20"])
def test_what_hooks_saw_stays_in_named_networks(name: str) -> None:
    assert overwritten(build(name), picture()) == set()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_no_module_is_set_to_work_in_place(name: str) -> None:
    with torch.device("meta"):
        modules = list(build(name).modules())
    assert [module for module in modules if getattr(module, "inplace", False)] == []


def with_relu_in_place() -> nn.Module:
    network = tiny()
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = True
    return network


def with_sum_in_place(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    def forward(self: Block, x: Tensor) -> Tensor:
        out = self.residual(x)
        out += self.shortcut(x)
        return self.relu(out)

    monkeypatch.setattr(Block, "forward", forward)
    return tiny()


def test_the_check_sees_a_relu_in_place() -> None:
    assert {"bn1", "layer1.0.bn1", "layer2.1.bn1"} <= overwritten(with_relu_in_place(), picture())


def test_the_check_sees_a_sum_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    found = overwritten(with_sum_in_place(monkeypatch), picture())
    assert {"layer1.0.bn2", "layer2.1.bn2"} <= found
    assert "layer1.0.bn1" not in found


def backward_through_hooks(network: nn.Module) -> int:
    """Backward with a full backward hook on every module; the number of gradients they saw."""
    seen: list[str] = []
    for path, module in network.named_modules():
        module.register_full_backward_hook(lambda *_, path=path: seen.append(path))
    network(picture().requires_grad_()).sum().backward()
    return len(seen)


def test_backward_hooks_work_on_every_module() -> None:
    """The classic failure, pytorch#61519, is an in-place ReLU behind a full backward hook."""
    assert backward_through_hooks(tiny()) > 30
    with pytest.raises(RuntimeError, match="is being modified inplace"):
        backward_through_hooks(with_relu_in_place())
