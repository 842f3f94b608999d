"""Networks with parts cut out, held against the sums that must remain."""

from collections.abc import Callable

import pytest
import torch
from PIL import Image

from resnet_demo.chapters.degradation.ablation import lesions, parts, without
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.errors import ArchitectureError
from resnet_demo.models import build
from tests.explain import conftest as networks_to_explain

Make = Callable[..., Classifier]
make, picture = networks_to_explain.make, networks_to_explain.picture


def test_what_can_be_cut() -> None:
    assert parts(build("resnet18", 10)) == tuple(f"layer{s}.{b}" for s in (1, 2, 3, 4) for b in (0, 1))
    assert len(parts(build("resnet56"))) == 27
    plain = parts(build("plain18", 10))
    assert plain[:4] == ("layer1.0.conv1", "layer1.0.conv2", "layer1.1.conv1", "layer1.1.conv2")
    assert "layer2.0.conv1" not in plain and "layer2.0.conv2" in plain
    assert len(plain) == 16 - 3  # three layers halve the map
    assert len(parts(build("plain56"))) == 54 - 2


@pytest.mark.parametrize("options", [{}, {"preactivation": True}])
def test_an_identity_block_without_f_hands_its_input_on(options: dict[str, object]) -> None:
    network = build("resnet20", **options).eval()
    x = torch.rand(2, 16, 8, 8)  # as after a ReLU
    block = without(network, ["layer1.1"]).get_submodule("layer1.1")
    assert torch.equal(block(x), x)


def test_a_projection_block_keeps_its_projection() -> None:
    network = build("resnet18", 10).eval()
    x = torch.rand(1, 64, 8, 8)
    cut = without(network, ["layer2.0"])
    kept = network.layer2[0].downsample(x).relu()  # type: ignore[index,operator,union-attr]
    assert torch.equal(cut.layer2[0](x), kept)  # type: ignore[index,operator]


def test_cutting_all_but_the_shape_changing_blocks_leaves_a_shallow_network() -> None:
    """ResNet-32 without its later blocks is ResNet-8 with the same weights."""
    deep, shallow = build("resnet32").eval(), build("resnet20").eval()
    with torch.no_grad():
        for key, value in shallow.state_dict().items():
            value.copy_(deep.state_dict()[key])
    cut = [f"layer{stage}.{block}" for stage in (1, 2, 3) for block in (3, 4)]
    x = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(without(deep, cut)(x), shallow(x))


def test_a_plain_layer_goes_with_its_batchnorm() -> None:
    network = build("plain20").eval()
    block = without(network, ["layer1.0.conv1"]).get_submodule("layer1.0")
    whole = network.get_submodule("layer1.0")
    x = torch.rand(1, 16, 8, 8)
    torch.testing.assert_close(block(x), whole.bn2(whole.conv2(x)).relu())  # type: ignore[operator]


def test_the_network_itself_stays_whole() -> None:
    network = build("resnet20").eval()
    x = torch.rand(1, 3, 32, 32)
    before, modules = network(x), [type(module) for module in network.modules()]
    without(network, parts(network))
    assert torch.equal(network(x), before)
    assert [type(module) for module in network.modules()] == modules


@pytest.mark.parametrize("part", ["layer9.0", "layer1.0.conv1", "fc"])
def test_what_cannot_be_cut_is_refused_with_the_choices(part: str) -> None:
    with pytest.raises(ArchitectureError, match=f"resnet20 has no removable part {part}. Choose one of: layer1.0, "):
        without(build("resnet20"), [part])


@pytest.mark.parametrize("name", ["resnet18", "plain18"])
def test_every_part_by_itself(name: str, make: Make, picture: Image.Image) -> None:
    classifier = make(name)
    whole, found = lesions(classifier, picture)
    with torch.no_grad():
        probabilities = classifier.network(classifier.preprocess(picture)).softmax(1)[0]
    assert (whole.top, whole.same) == (int(probabilities.argmax()), True)
    assert whole.probability == pytest.approx(float(probabilities.max()), abs=1e-6)
    assert [lesion.part for lesion in found] == list(parts(classifier.network))
    assert all(lesion.same == (lesion.top == whole.top) and 0 <= lesion.probability <= 1 for lesion in found)
