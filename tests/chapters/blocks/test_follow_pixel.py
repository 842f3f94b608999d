"""One pixel by hand: literal numbers on a block that fits on a board, and the network's own values everywhere."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from resnet_demo.chapters.blocks.activations import open_block
from resnet_demo.chapters.blocks.by_hand import Convolved, Given, Normalised
from resnet_demo.chapters.blocks.follow_pixel import follow, walk
from resnet_demo.chapters.blocks.pixel_steps import AddStep, ConvStep, CopyStep, NormStep, ReluStep, Step, Walk
from resnet_demo.checkpoints.load import Classifier
from resnet_demo.data.examples import examples
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import ArchitectureError, CountError
from resnet_demo.models import load
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.resnet import Block, ResNet, blocks_of
from tests.chapters.blocks.conftest import Make, fill, wrap

NETWORKS: list[dict[str, object]] = [
    {},
    {"shortcut": "A"},
    {"shortcut": "C"},
    {"residual": False},
    {"preactivation": True},
    {"preactivation": True, "shortcut": "C"},
    {"preactivation": True, "residual": False},
    {"norm": "none"},
    {"norm": "none", "preactivation": True},
    {"replace_stride_with_dilation": (True, True)},
    {"stem": "cifar"},
]
ONLY_BOTTLENECKS: list[dict[str, object]] = [{"stride_in_1x1": True}, {"groups": 4, "width_per_group": 32}]


def labels(walk: Walk) -> list[str]:
    return [step.label for step in walk.steps]


def assert_adds_up(found: Walk) -> None:
    """Every step is the arithmetic that it says it is."""
    values: dict[str, Step] = {}
    for step in found.steps:
        if isinstance(step, ConvStep):
            assert np.array_equal(step.products, step.window * step.weights)
            assert step.by_channel.sum() + step.bias == pytest.approx(step.value, abs=1e-9)
            assert step.products.sum() + step.others + step.bias == pytest.approx(step.value, abs=1e-9)
            assert abs(step.by_channel[step.shown - step.first]) == np.abs(step.by_channel).max()
            assert step.windows.shape == step.kernels.shape == (len(step.by_channel), *step.window.shape)
        elif isinstance(step, NormStep):
            assert step.scale == pytest.approx(step.gamma / (step.var + step.eps) ** 0.5)
            assert step.scale * step.before + step.shift == pytest.approx(step.value)
            assert (step.before - step.mean) / (step.var + step.eps) ** 0.5 * step.gamma + step.beta == pytest.approx(
                step.value
            )
        elif isinstance(step, ReluStep):
            assert step.value == max(step.before, 0)
        elif isinstance(step, AddStep):
            assert step.value == step.residual + step.shortcut
        values[step.label] = step


@pytest.mark.parametrize(
    ("block", "options"),
    [("basic", options) for options in NETWORKS]
    + [("bottleneck", options) for options in [*NETWORKS, *ONLY_BOTTLENECKS]],
    ids=str,
)
def test_every_kind_of_block_adds_up(
    make: Make, smooth_image: Image.Image, block: str, options: dict[str, object]
) -> None:
    classifier = make(block, **options)
    draw = np.random.default_rng(1)
    for name, opened in blocks_of(classifier.network).items():
        values = open_block(classifier, smooth_image, name)
        channels, _, width = values.output.shape
        corner, inside = (channels - 1, 0, width - 1), tuple(int(draw.integers(side)) for side in values.output.shape)
        for channel, row, column in (corner, inside):
            found = walk(opened, values, channel, row, column)
            assert_adds_up(found)
            assert found.error <= 1e-5 and found.holds
            assert found.network == values.output[channel, row, column]
            assert found.value == pytest.approx(found.network, abs=1e-5 * float(np.abs(values.output).max()))


@pytest.mark.parametrize("name", ["resnet18", "plain18"])
def test_trained_networks_add_up(name: str) -> None:
    classifier = load(name)
    for index, (block, opened) in enumerate(blocks_of(classifier.network).items()):
        values = open_block(classifier, examples()[index].open(), block)
        found = walk(opened, values, *where(values.output.argmax(), values.output))
        assert found.value > 0.1
        assert found.error <= 1e-5
        assert_adds_up(found)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
def test_a_network_on_cuda_adds_up() -> None:
    """Also where convolutions round to TF32: the block itself is computed on the CPU."""
    classifier = load("resnet18", device="cuda")
    found = follow(classifier, examples()[0].open(), "layer2.0", 5, 3, 2)
    assert found.error <= 1e-5
    assert next(classifier.network.parameters()).device.type == "cuda"


def test_follow_is_opening_and_walking(make: Make, smooth_image: Image.Image) -> None:
    classifier = make()
    found = follow(classifier, smooth_image, "layer2.0", 3, 1, 2)
    values = open_block(classifier, smooth_image, "layer2.0")
    again = walk(blocks_of(classifier.network)["layer2.0"], values, 3, 1, 2)
    assert (found.block, found.channel, found.row, found.column) == ("layer2.0", 3, 1, 2)
    assert [(step.label, step.value) for step in found.steps] == [(step.label, step.value) for step in again.steps]


@pytest.mark.parametrize(
    ("options", "block", "expected"),
    [
        ({}, "layer1.0", "conv1 bn1 relu1 conv2 bn2 downsample add relu2"),
        ({}, "layer2.0", "conv1 bn1 relu1 conv2 bn2 downsample.0 downsample.1 add relu2"),
        ({"residual": False}, "layer2.0", "conv1 bn1 relu1 conv2 bn2 relu2"),
        ({"preactivation": True}, "layer2.0", "bn1 relu1 conv1 bn2 relu2 conv2 downsample.0 add"),
        ({"preactivation": True}, "layer1.0", "bn1 relu1 conv1 bn2 relu2 conv2 downsample add"),
        ({"norm": "none"}, "layer2.0", "conv1 relu1 conv2 downsample.0 add relu2"),
        (
            {"block": "bottleneck"},
            "layer1.1",
            "conv1 bn1 relu1 conv2 bn2 relu2 conv3 bn3 downsample add relu3",
        ),
    ],
    ids=str,
)
def test_the_steps_of_a_block(
    make: Make, smooth_image: Image.Image, options: dict[str, object], block: str, expected: str
) -> None:
    found = follow(make(**options), smooth_image, block, 0, 0, 0)
    assert labels(found) == expected.split()
    paths = [step.path for step in found.steps]
    assert paths == sorted(paths, key=["main", "shortcut", "sum"].index)


# --- literal: He's residual step by hand, x = 2, w1 = 0.5, w2 = -0.1 ---


def on_a_board(weights: tuple[float, float], **options: object) -> Classifier:
    """One channel, one block, no BN: the stem copies an image's red, the block's kernels have a middle alone."""
    architecture = replace(
        ARCHITECTURES["resnet20"], name="board", depths=(1,), widths=(1,), norm="none", num_classes=2, **options
    )
    network = ResNet(architecture)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.zero_()
                module.bias.zero_()
        network.conv1.weight[0, 0, 1, 1] = 2
        for convolution, weight in zip(("conv1", "conv2"), weights, strict=True):
            network.get_submodule(f"layer1.0.{convolution}").weight[0, 0, 1, 1] = weight
    return wrap(network, Preprocessing(4, 4, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)))


RED = Image.new("RGB", (4, 4), (255, 0, 0))


def test_the_residual_step_by_hand() -> None:
    found = follow(on_a_board((0.5, -0.1)), RED, "layer1.0", 0, 1, 2)
    assert [(step.kind, step.label) for step in found.steps] == [
        ("conv", "conv1"),
        ("relu", "relu1"),
        ("conv", "conv2"),
        ("identity", "downsample"),
        ("add", "add"),
        ("relu", "relu2"),
    ]
    assert [round(step.value, 6) for step in found.steps] == [1.0, 1.0, -0.1, 2.0, 1.9, 1.9]
    first = found.steps[0]
    assert isinstance(first, ConvStep)
    assert first.window.tolist() == [[2, 2, 2], [2, 2, 2], [2, 2, 2]]
    assert first.weights.tolist() == [[0, 0, 0], [0, 0.5, 0], [0, 0, 0]]
    assert first.products.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert (first.others, first.bias, first.shown) == (0, 0, 0)
    copy = found.steps[3]
    assert isinstance(copy, CopyStep) and copy.source == (0, 1, 2)


def test_the_plain_step_by_hand() -> None:
    found = follow(on_a_board((0.5, -0.1), residual=False), RED, "layer1.0", 0, 1, 2)
    assert [round(step.value, 6) for step in found.steps] == [1.0, 1.0, -0.1, 0.0]


def test_padding_is_zero_at_a_corner() -> None:
    first = follow(on_a_board((0.5, -0.1)), RED, "layer1.0", 0, 0, 0).steps[0]
    assert isinstance(first, ConvStep)
    assert first.window.tolist() == [[0, 0, 0], [0, 2, 2], [0, 2, 2]]


def test_the_windows_are_cut_from_the_values_that_are_shown(make: Make, smooth_image: Image.Image) -> None:
    """The first window is x itself; every later one holds what the step before it came to."""
    classifier = make()
    values = open_block(classifier, smooth_image, "layer2.0")
    found = walk(blocks_of(classifier.network)["layer2.0"], values, 5, 3, 2)
    steps = {step.label: step for step in found.steps}
    first, second, relu, projection = (steps[name] for name in ("conv1", "conv2", "relu1", "downsample.0"))
    assert isinstance(first, ConvStep) and isinstance(second, ConvStep) and isinstance(projection, ConvStep)
    assert (second.channel, second.row, second.column) == (5, 3, 2)
    assert (first.channel, first.row, first.column) == (second.shown, 3, 2)
    assert np.array_equal(first.window, values.x[first.shown, 5:8, 3:6])
    assert second.window[1, 1] == relu.value
    assert np.allclose(second.window, values.inside["relu1"][second.shown, 2:5, 1:4], atol=1e-5)
    assert projection.window.tolist() == [[values.x[projection.shown, 6, 4]]]


def test_zero_padding_has_channels_without_a_source(make: Make, smooth_image: Image.Image) -> None:
    classifier = make(stem="cifar", shortcut="A")
    there, missing = (follow(classifier, smooth_image, "layer2.0", channel, 3, 2).steps[5] for channel in (7, 8))
    assert isinstance(there, CopyStep) and isinstance(missing, CopyStep)
    assert (there.kind, there.source) == ("zero padding", (7, 6, 4))
    assert (missing.kind, missing.source, missing.value) == ("zero padding", None, 0.0)


def test_v2_projects_what_it_has_rectified(make: Make, smooth_image: Image.Image) -> None:
    classifier = make(preactivation=True)
    values = open_block(classifier, smooth_image, "layer2.0")
    found = walk(blocks_of(classifier.network)["layer2.0"], values, 1, 2, 2)
    projection = next(step for step in found.steps if step.label == "downsample.0")
    assert isinstance(projection, ConvStep)
    assert projection.window[0, 0] == pytest.approx(values.inside["relu1"][projection.shown, 4, 4], abs=1e-6)
    assert found.steps[-1].kind == "add"


def test_groups_read_their_own_channels(make: Make, smooth_image: Image.Image) -> None:
    found = follow(make("bottleneck", groups=4, width_per_group=32), smooth_image, "layer1.0", 0, 1, 1)
    grouped = next(step for step in found.steps if step.label == "conv2")
    assert isinstance(grouped, ConvStep)
    each = len(grouped.by_channel)
    assert each == 4  # 16 channels in 4 groups
    assert grouped.first == grouped.channel // each * each
    assert grouped.first <= grouped.shown < grouped.first + each


# --- against torch, and what the check catches ---


@pytest.mark.parametrize("settings", [(3, 1, 1, 1), (3, 2, 1, 2), (3, 1, 2, 1), (1, 2, 1, 1)])
def test_convolution_by_hand_is_torchs(settings: tuple[int, int, int, int]) -> None:
    kernel, stride, dilation, groups = settings
    conv = nn.Conv2d(4, 6, kernel, stride, dilation * (kernel // 2), dilation, groups).double()
    fill(conv)
    values = np.random.default_rng(2).normal(size=(4, 7, 7)).astype(np.float32)
    expected = conv(torch.from_numpy(values).double()[None])[0].detach().numpy()
    by_hand = Convolved(Given(values), conv)
    assert by_hand.shape == expected.shape
    pixels = [(row, column) for row in range(expected.shape[1]) for column in range(expected.shape[2])]
    assert np.allclose(by_hand.at(pixels).T.reshape(expected.shape), expected, atol=1e-12)
    assert not by_hand.at([(-1, 0), (0, expected.shape[2])]).any()


def test_batchnorm_by_hand_is_torchs() -> None:
    norm = nn.BatchNorm2d(4).double().eval()
    fill(norm)
    values = np.random.default_rng(2).normal(size=(4, 3, 3)).astype(np.float32)
    expected = norm(torch.from_numpy(values).double()[None])[0].detach().numpy()
    assert np.allclose(Normalised(Given(values), norm).at([(1, 2)])[0], expected[:, 1, 2], atol=1e-12)


def test_the_check_catches_a_relu_in_place(smooth_image: Image.Image) -> None:
    """An in-place ReLU overwrites what a hook on the BN before it saw: the walk no longer adds up."""
    classifier = load("resnet18")
    total = open_block(classifier, smooth_image, "layer2.1").total
    pixel = where(total.argmin(), total)  # the most negative sum, which a ReLU changes most
    assert follow(classifier, smooth_image, "layer2.1", *pixel).holds
    for module in classifier.network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = True
    spoilt = follow(classifier, smooth_image, "layer2.1", *pixel)
    assert spoilt.error > 1e-3 and not spoilt.holds
    assert "add" in [step.label for step in spoilt.steps if step.error > 1e-3]


def where(index: np.intp, values: np.ndarray) -> tuple[int, int, int]:
    """Channel, row and column of a flat index."""
    channel, row, column = np.unravel_index(index, values.shape)
    return int(channel), int(row), int(column)


def test_the_check_catches_a_sum_in_place(smooth_image: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(self: Block, x: torch.Tensor) -> torch.Tensor:
        out = self.branch(self.entry(x))
        out += self.shortcut(x)
        return self.relu(out)

    classifier = load("resnet18")
    x = open_block(classifier, smooth_image, "layer2.1").x
    monkeypatch.setattr(Block, "forward", forward)
    spoilt = follow(classifier, smooth_image, "layer2.1", *where(x.argmax(), x))
    assert not spoilt.holds
    assert "bn2" in [step.label for step in spoilt.steps if step.error > 1e-3]


def test_the_check_catches_a_changed_weight(make: Make, smooth_image: Image.Image) -> None:
    """Values of one network with the weights of another do not add up."""
    values = open_block(make(), smooth_image, "layer1.0")
    other = blocks_of(make(shortcut="A").network)["layer1.1"]
    assert walk(other, values, 1, 2, 3).error > 1e-3


@pytest.mark.parametrize(
    ("channel", "row", "column", "message"),
    [
        (8, 0, 0, "channel = 8: it must be a whole number from 0 to 7. The nearest is 7."),
        (0, -1, 0, "row = -1: it must be a whole number from 0 to 15. The nearest is 0."),
        (0, 0, 16, "column = 16: it must be a whole number from 0 to 15. The nearest is 15."),
    ],
)
def test_pixels_outside_are_refused(
    make: Make, smooth_image: Image.Image, channel: int, row: int, column: int, message: str
) -> None:
    with pytest.raises(CountError) as caught:
        follow(make(), smooth_image, "layer1.0", channel, row, column)
    assert str(caught.value) == message


def test_unknown_blocks_are_refused(make: Make, smooth_image: Image.Image) -> None:
    with pytest.raises(ArchitectureError, match="small has no block layer1"):
        follow(make(), smooth_image, "layer1", 0, 0, 0)
