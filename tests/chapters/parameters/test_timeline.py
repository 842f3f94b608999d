"""The networks' figures against torchvision's metadata and its networks; LeNet-5 layer by layer."""

import pytest
import torch
import torchvision

from resnet_demo.chapters.parameters.timeline import TIMELINE, Known
from resnet_demo.models.layer_costs import conv_macs, conv_parameters, linear_macs, linear_parameters
from tests.helpers.blocks_in_torch import traced

MEASURED = [known for known in TIMELINE if known.top1 is not None]


@pytest.mark.parametrize("known", MEASURED, ids=lambda known: known.key)
def test_the_figures_are_torchvisions(known: Known) -> None:
    published = torchvision.models.get_model_weights(known.key).IMAGENET1K_V1.meta
    assert known.parameters == published["num_params"]
    assert known.top1 == published["_metrics"]["ImageNet-1K"]["acc@1"]
    assert known.macs / 1e9 == pytest.approx(published["_ops"], abs=5.1e-4)  # published to three digits
    options = {"aux_logits": False, "init_weights": False} if known.key == "googlenet" else {}
    with torch.device("meta"):
        network = torchvision.models.get_model(known.key, **options)
    assert traced(network, 3, 224) == (known.parameters, known.macs, (1000,))


def test_lenet5_layer_by_layer() -> None:
    """LeCun et al. 1998, section II.B: C1, S2, C3 (60 of 96 pairs of maps, Table I), S4, C5, F6."""
    pairs = 6 * 3 + 9 * 4 + 1 * 6
    parameters = {
        "C1": conv_parameters(1, 6, 5, bias=True),
        "S2": 2 * 6,
        "C3": pairs * 25 + 16,
        "S4": 2 * 16,
        "C5": conv_parameters(16, 120, 5, bias=True),
        "F6": linear_parameters(120, 84),
    }
    assert parameters == {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164}
    macs = conv_macs(1, 6, 5, 28) + pairs * 25 * 10**2 + conv_macs(16, 120, 5, 1) + linear_macs(120, 84)
    lenet = TIMELINE[0]
    assert (lenet.key, lenet.parameters, lenet.macs) == ("lenet5", sum(parameters.values()), macs)


def test_squeeze_and_excitation_adds_two_linear_layers_to_each_block() -> None:
    """Hu et al. 2017, section 3.2, with r = 16: 256, 512, 1024, 2048 channels in 3, 4, 6, 3 blocks."""
    known = {one.key: one for one in TIMELINE}
    resnet, squeezed = known["resnet50"], known["se_resnet50"]
    blocks = [(256, 3), (512, 4), (1024, 6), (2048, 3)]
    macs = sum(count * 2 * linear_macs(channels, channels // 16) for channels, count in blocks)
    biases = sum(count * (channels + channels // 16) for channels, count in blocks)
    assert macs == 2_514_944  # "approximately 2.5 million additional parameters"
    assert squeezed.macs == resnet.macs + macs and squeezed.parameters == resnet.parameters + macs + biases


def test_the_order_is_that_of_the_years() -> None:
    assert [known.year for known in TIMELINE] == sorted(known.year for known in TIMELINE)
    assert {known.key for known in TIMELINE} >= {f"resnet{n}" for n in (18, 34, 50, 101, 152)}
