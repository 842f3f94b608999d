"""Eight paths through three blocks, summed by hand; the network's own gradient from autograd; both must agree."""

import pytest
import torch
from torch import Tensor

from resnet_demo.chapters.gradients.paths import Paths, Step, along, linearised, measure_paths, sums
from resnet_demo.models import build


def scalar(weight: float) -> Step:
    """A block F(x) = weight · x beside its identity."""
    return (lambda g: weight * g), (lambda g: g)


def test_eight_paths_of_three_scalar_blocks() -> None:
    """(1 + 2)(1 + 3)(1 + 5) = 72 = 1 + (2 + 3 + 5) + (2·3 + 2·5 + 3·5) + 2·3·5, for an upstream gradient of 1."""
    rows = sums([scalar(2), scalar(3), scalar(5)], torch.ones(1, 1))
    assert rows.flatten().tolist() == [1, 10, 31, 30]
    assert rows.sum() == 72
    chosen = torch.tensor(
        [[c == "F" for c in path] for path in ("xxx", "Fxx", "xFx", "xxF", "FFx", "FxF", "xFF", "FFF")]
    )
    single = along([scalar(2), scalar(3), scalar(5)], torch.ones(1, 1), chosen)
    assert single.flatten().tolist() == [1, 2, 3, 5, 6, 10, 15, 30]


def test_products_and_counts_of_three_blocks() -> None:
    """The mean over the paths of each length is 1, 10/3, 31/3, 30; times 1, 3, 3, 1 paths of 8."""
    found = Paths(3, (1 / 8, 3 / 8, 3 / 8, 1 / 8), (1, 10 / 3, 31 / 3, 30), (1 / 72, 10 / 72, 31 / 72, 30 / 72))
    assert found.products == pytest.approx((1 / 72, 10 / 72, 31 / 72, 30 / 72))


@pytest.mark.parametrize(
    ("name", "options"), [("resnet20", {}), ("resnet20", {"preactivation": True}), ("resnet18", {})]
)
def test_the_lengths_add_up_to_the_gradient(name: str, options: dict[str, object]) -> None:
    torch.manual_seed(2)
    network = build(name, 10, **options).eval().requires_grad_(False)
    x = torch.randn(1, 3, 32, 32)
    steps, upstream = linearised(network, x)
    rows = sums(steps, upstream)
    torch.testing.assert_close(rows.sum(0, keepdim=True), whole_gradient(network, x), rtol=1e-3, atol=1e-6)
    assert len(rows) == len(steps) + 1 == len(network.blocks) + 1
    found = measure_paths(network, x, samples=1)
    assert sum(found.shares) == pytest.approx(1) and sum(found.counts) == pytest.approx(1)
    ends = [rows[k].norm() for k in (0, -1)]  # of these two lengths there is one path each
    assert (found.single[0], found.single[-1]) == pytest.approx([float(one) for one in ends], rel=1e-3)


def whole_gradient(network: torch.nn.Module, x: Tensor) -> Tensor:
    """d(winning logit) / d(first block's input), by torch through the network as it is."""
    first = network.get_submodule("layer1")
    seen: list[Tensor] = []

    def keep(_: torch.nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        seen.append(inputs[0].detach().requires_grad_())
        return (seen[0],)

    handle = first.register_forward_pre_hook(keep)
    logits = network(x)
    handle.remove()
    (gradient,) = torch.autograd.grad(logits[0, logits.argmax()], seen[0])
    return gradient
