"""Records over depth and seeds, with numbers that can be checked by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_demo.chapters.gradients.gradient_curves import BlockInput, Convolution, Flow, curve

pytestmark = pytest.mark.quick


def flow(*gradients: float, deviations: tuple[float, ...] = (1.0, 2.0)) -> Flow:
    """Two convolutions on the main path, a projection beside the second, one block and the head."""
    first, second, projection = gradients
    return Flow(
        "resnet8",
        2.3,
        (
            Convolution("conv1", 1, False, first, 10.0),
            Convolution("layer1.0.conv1", 2, False, second, 20.0),
            Convolution("layer1.0.downsample.0", 2, True, projection, 30.0),
        ),
        (BlockInput("layer1.0", 2, 0.5, deviations[0]), BlockInput("head", 3, 0.125, deviations[1])),
        (),
    )


def test_a_curve_holds_mean_deviation_and_range_of_the_seeds():
    found = curve([flow(1.0, 4.0, 9.0), flow(3.0, 4.0, 7.0)], "weights")
    assert found.names == ("conv1", "layer1.0.conv1") and found.positions == (1, 2)
    assert found.means == (2.0, 4.0)
    assert (found.lows, found.highs) == ((1.0, 4.0), (3.0, 4.0))


def test_projections_are_apart_from_the_main_path():
    found = curve([flow(1.0, 4.0, 9.0)], "weights", projections=True)
    assert (found.names, found.positions, found.means) == (("layer1.0.downsample.0",), (2,), (9.0,))
    assert curve([flow(1.0, 4.0, 9.0)], "inputs", projections=True).names == ()


@pytest.mark.parametrize(
    ("quantity", "values"),
    [("weights", (1.0, 4.0)), ("inputs", (0.5, 0.125)), ("signal", (1.0, 2.0)), ("responses", (10.0, 20.0))],
)
def test_each_quantity_is_its_own(quantity, values):
    assert curve([flow(1.0, 4.0, 9.0)], quantity).means == values


def test_ratios_read_a_gradient_backwards_and_a_signal_forwards():
    assert curve([flow(1.0, 4.0, 9.0)], "inputs").towards_input == 4.0
    assert curve([flow(1.0, 4.0, 9.0)], "signal").towards_output == 2.0
    assert math.isnan(curve([flow(1.0, 0.0, 9.0)], "weights").towards_input)


def test_infinity_and_nan_stay_what_they_are():
    found = curve([flow(math.inf, math.nan, 1.0), flow(math.inf, 1.0, 1.0)], "weights")
    assert found.means[0] == math.inf and math.isnan(found.means[1])


@given(st.lists(st.floats(0, 1e30), min_size=1, max_size=10))
def test_the_mean_lies_in_the_band(values):
    found = curve([flow(value, 1.0, 1.0) for value in values], "weights")
    slack = 1e-12 * found.highs[0]
    assert found.lows[0] - slack <= found.means[0] <= found.highs[0] + slack
