"""Early answers by three routes: walking the blocks, hooks on the whole network, and shorter networks built apart."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from resnet_demo.chapters.degradation.early_exit import early_logits, exits, last_stage
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.models import build
from resnet_demo.models.resnet import ResNet
from tests.explain import conftest as networks_to_explain

Make = Callable[..., Classifier]
make, picture = networks_to_explain.make, networks_to_explain.picture


def unlike_at_start(name: str, **options: object) -> ResNet:
    """An untrained network whose BatchNorms have statistics of their own."""
    torch.manual_seed(1)
    network = build(name, 10, **options)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values in (module.running_var, module.weight):
                assert values is not None
                nn.init.uniform_(values, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    return network.eval().requires_grad_(False)


def by_hooks(network: ResNet, x: Tensor) -> Tensor:
    """The head on what a hook saw after each block, in one ordinary forward pass."""
    seen: dict[str, Tensor] = {}
    for name, block in network.blocks.items():
        block.register_forward_hook(lambda _, __, output, name=name: seen.update({name: output}))
    network(x)
    return torch.stack([network.head(seen[name]) for name in last_stage(network)])


def by_shorter_networks(network: ResNet, x: Tensor) -> Tensor:
    """A network for each exit, with fewer blocks in its last stage and the same weights."""
    *earlier, last = network.architecture.depths
    found = []
    for blocks in range(1, last + 1):
        short = ResNet(replace(network.architecture, depths=(*earlier, blocks))).eval()
        short.load_state_dict({key: network.state_dict()[key] for key in short.state_dict()})
        found.append(short(x))
    return torch.stack(found)


@pytest.mark.parametrize(
    ("name", "options"),
    [("resnet20", {}), ("plain20", {}), ("resnet32", {"preactivation": True}), ("resnet50", {}), ("plain18", {})],
)
def test_three_routes_to_each_early_answer(name: str, options: dict[str, object]) -> None:
    network = unlike_at_start(name, **options)
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        found = early_logits(network, x)
        whole = network(x)
        hooked, short = by_hooks(network, x), by_shorter_networks(network, x)
    assert found.shape == (network.architecture.depths[-1], 2, 10)
    assert torch.equal(found[-1], whole)
    assert torch.equal(found, hooked)
    torch.testing.assert_close(found, short)
    assert not torch.allclose(found[0], whole, atol=1e-3)


def test_the_head_fits_after_each_block_of_the_last_stage_only() -> None:
    assert last_stage(build("resnet56")) == tuple(f"layer3.{i}" for i in range(9))
    assert last_stage(build("resnet50", 10)) == ("layer4.0", "layer4.1", "layer4.2")


def test_a_photograph_stopped_after_each_block(make: Make, picture: Image.Image) -> None:
    classifier = make("resnet18")
    x = classifier.preprocess(picture)
    with torch.no_grad():
        rows = early_logits(classifier.network, x)[:, 0].softmax(1)
    found = exits(classifier, picture)
    assert [one.block for one in found] == ["layer4.0", "layer4.1"]
    winner = int(rows[-1].argmax())
    for one, row in zip(found, rows, strict=True):
        assert (one.top, one.kept) == (int(row.argmax()), None)
        assert (one.probability, one.winner) == pytest.approx((float(row.max()), float(row[winner])), abs=1e-6)
    assert found[-1].probability == found[-1].winner


def test_what_a_residual_block_adds_by_hand(make: Make, picture: Image.Image) -> None:
    """With V1 the logit of class c grows fastest along the weights of c, alike at each place of the map."""
    classifier = make("resnet18")
    network = classifier.network
    x = classifier.preprocess(picture)
    with torch.no_grad():
        for name, block in [*network.blocks.items()][:-1]:
            assert name != "layer4.1"
            x = block(x) if name != "layer1.0" else block(network.stem(x))
        block = network.blocks["layer4.1"]
        branch = block.residual(x)  # type: ignore[operator]
        winner = int(network(classifier.preprocess(picture)).argmax())
        upward = network.fc.weight[winner].view(1, -1, 1, 1).expand_as(branch)
        cosine = (branch * upward).sum() / branch.norm() / upward.norm()
    found = exits(classifier, picture)[-1]
    assert found.alignment == pytest.approx(float(cosine), abs=1e-5)
    assert found.ratio == pytest.approx(float(branch.norm() / x.norm()), rel=1e-5)


def test_what_a_plain_block_keeps_of_its_input(make: Make, picture: Image.Image) -> None:
    """An identity in place of the block keeps all of it; where the shape changes there is nothing to compare."""
    classifier = make("plain18")
    first, last = exits(classifier, picture)
    assert (first.kept, first.alignment, first.ratio, last.alignment) == (None, None, None, None)
    assert last.kept is not None and last.kept < 0.999
    block = classifier.network.get_submodule("layer4.1")
    block.forward = lambda x: x  # type: ignore[method-assign]
    assert exits(classifier, picture)[-1].kept == pytest.approx(1, abs=1e-6)
