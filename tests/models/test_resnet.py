"""Block algebra with hand-set weights and literal results, and what each option changes."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.errors import ArchitectureError
from resnet_demo.models import ARCHITECTURES, build
from resnet_demo.models.architectures import Architecture
from resnet_demo.models.resnet import BasicBlock, Block, Bottleneck, ResNet, ZeroPadding


def architecture(block: str = "basic", **options: object) -> Architecture:
    """Two stages of two blocks: the first of the second changes shape."""
    settings = {"depths": (2, 2), "widths": (4, 8), "stem": "cifar", "num_classes": 3, **options}
    return Architecture("tiny", block, **settings)


def scalar(block: str = "basic", widths: tuple[int, ...] = (1,), **options: object) -> ResNet:
    """One block a stage, no norm, and every weight zero: for weights set by hand."""
    network = ResNet(architecture(block, depths=(1,) * len(widths), widths=widths, norm="none", **options))
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    return network


def set_centre(conv: nn.Module, value: float) -> None:
    """The middle tap of every kernel, so that a 3x3 acts on each pixel by itself."""
    assert isinstance(conv, nn.Conv2d)
    middle = conv.kernel_size[0] // 2
    with torch.no_grad():
        conv.weight[:, :, middle, middle] = value


def by_hand(x: float, **options: object) -> dict[str, float]:
    """One basic block, one channel: conv1 multiplies by 0.5, conv2 by -0.1."""
    block = scalar(**options).layer1[0]
    set_centre(block.conv1, 0.5)
    set_centre(block.conv2, -0.1)
    pixel = torch.full((1, 1, 1, 1), x)
    results = {"conv1": block.conv1(block.entry(pixel)), "residual": block.residual(pixel), "out": block(pixel)}
    if block.downsample is not None:
        results["shortcut"] = block.shortcut(pixel)
    return {name: round(value.item(), 6) for name, value in results.items()}


# --- literal results ---


def test_a_residual_step_by_hand() -> None:
    """x = 2: conv1 1.0, F(x) = -0.1, H(x) = 1.9, and ReLU leaves it."""
    assert by_hand(2.0) == {"conv1": 1.0, "residual": -0.1, "shortcut": 2.0, "out": 1.9}


def test_a_residual_step_that_the_last_relu_cuts() -> None:
    """x = -2: conv1 -1.0, ReLU 0, F(x) = 0, H(x) = -2, after ReLU 0."""
    assert by_hand(-2.0) == {"conv1": -1.0, "residual": 0.0, "shortcut": -2.0, "out": 0.0}


def test_a_plain_step_by_hand() -> None:
    """Without the shortcut only F(x) = -0.1 is left, and ReLU makes it 0."""
    assert by_hand(2.0, residual=False) == {"conv1": 1.0, "residual": -0.1, "out": 0.0}


def test_a_v2_step_by_hand() -> None:
    """V2: no ReLU after the addition, so a negative x passes through; F sees relu(x)."""
    assert by_hand(2.0, preactivation=True) == {"conv1": 1.0, "residual": -0.1, "shortcut": 2.0, "out": 1.9}
    assert by_hand(-2.0, preactivation=True) == {"conv1": 0.0, "residual": 0.0, "shortcut": -2.0, "out": -2.0}


def test_a_bottleneck_by_hand() -> None:
    """One channel in, one inside, four out; x = 2: 1.0, 3.0, F(x) = 6.0, and a projection of 0.5: H(x) = 7.0."""
    block = scalar("bottleneck").layer1[0]
    for conv, weight in ((block.conv1, 0.5), (block.conv2, 3.0), (block.conv3, 2.0), (block.downsample[0], 0.5)):
        set_centre(conv, weight)
    pixel = torch.full((1, 1, 1, 1), 2.0)
    assert block.residual(pixel).flatten().tolist() == [6.0] * 4
    assert block.shortcut(pixel).flatten().tolist() == [1.0] * 4
    assert block(pixel).flatten().tolist() == [7.0] * 4


def test_a_v2_projection_takes_the_preactivated_x() -> None:
    """x = -2: projected it would be -2; the projection sees relu(x) = 0. Zero padding still takes x itself."""
    pixel = torch.full((1, 1, 1, 1), -2.0)
    projecting = scalar(widths=(1, 2), preactivation=True, shortcut="B").layer2[0]
    set_centre(projecting.downsample[0], 1.0)
    assert projecting.shortcut(pixel).flatten().tolist() == [0.0, 0.0]
    assert projecting(pixel).flatten().tolist() == [0.0, 0.0]
    padding = scalar(widths=(1, 2), preactivation=True, shortcut="A").layer2[0]
    assert padding.shortcut(pixel).flatten().tolist() == [-2.0, 0.0]
    in_v1 = scalar(widths=(1, 2), shortcut="B").layer2[0]
    set_centre(in_v1.downsample[0], 1.0)
    assert in_v1.shortcut(pixel).flatten().tolist() == [-2.0, -2.0]


def test_zero_padding_takes_every_second_pixel_and_pads_channels() -> None:
    x = torch.arange(9.0).reshape(1, 1, 3, 3)
    assert ZeroPadding(1, 2, 2)(x).tolist() == [[[[0.0, 2.0], [6.0, 8.0]], [[0.0, 0.0], [0.0, 0.0]]]]
    assert ZeroPadding(1, 1, 1)(x).tolist() == x.tolist()


def test_a_whole_network_by_hand() -> None:
    """Red, green, blue = 1, 2, 3 summed to 6; the block gives 5.7; the logits are 5.7 times 1, 2, -1."""
    network = scalar()
    set_centre(network.conv1, 1.0)
    set_centre(network.layer1[0].conv1, 0.5)
    set_centre(network.layer1[0].conv2, -0.1)
    with torch.no_grad():
        network.fc.weight[:, 0] = torch.tensor([1.0, 2.0, -1.0])
    picture = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1).expand(1, 3, 4, 4)
    assert network(picture).tolist() == [pytest.approx([5.7, 11.4, -5.7], abs=1e-5)]


# --- the algebra, with random weights ---

VARIANTS = [
    {"block": block, "shortcut": shortcut, "norm": norm, "preactivation": preactivation, "residual": residual}
    for block in ("basic", "bottleneck")
    for shortcut in "ABC"
    for norm in ("batch", "none")
    for preactivation in (False, True)
    for residual in (True, False)
]


def inputs(block: nn.Module, a: Architecture, index: int, position: int) -> Tensor:
    width = a.widths[index] if position else a.widths[max(index - 1, 0)]
    channels = width * a.expansion if position or index else a.widths[0]
    return torch.randn(2, channels, 6, 6)


@pytest.mark.parametrize("options", VARIANTS, ids=lambda o: "-".join(map(str, o.values())))
def test_forward_is_the_sum_of_its_parts(options: dict[str, object]) -> None:
    torch.manual_seed(0)
    a = architecture(**options)
    network = ResNet(a).eval()
    for index, stage in enumerate(network.stages.values()):
        for position, block in enumerate(stage):
            x = inputs(block, a, index, position)
            wanted = block.residual(x)
            if a.residual:
                wanted = wanted + block.shortcut(x)
            assert torch.equal(block(x), wanted if a.preactivation else functional.relu(wanted))


def test_the_shortcut_is_an_identity_a_projection_or_zero_padding() -> None:
    def kinds(**options: object) -> list[type]:
        network = ResNet(architecture(**options))
        return [type(block.downsample) for stage in network.stages.values() for block in stage]

    assert kinds(shortcut="A") == [nn.Identity, nn.Identity, ZeroPadding, nn.Identity]
    assert kinds(shortcut="B") == [nn.Identity, nn.Identity, nn.Sequential, nn.Identity]
    assert kinds(shortcut="C") == [nn.Sequential] * 4
    assert kinds(residual=False) == [type(None)] * 4


def test_an_identity_shortcut_is_x_itself() -> None:
    for preactivation in (False, True):
        block = ResNet(architecture(preactivation=preactivation)).layer1[0]
        x = torch.randn(1, 4, 6, 6)
        assert block.shortcut(x) is x


def test_a_v1_projection_is_a_strided_1x1_and_its_norm() -> None:
    torch.manual_seed(0)
    block = ResNet(architecture()).layer2[0].eval()
    with torch.no_grad():
        block.downsample[1].running_var.fill_(4.0)  # BN then divides by 2
    x = torch.randn(1, 4, 6, 6)
    by_einsum = torch.einsum("dc,bchw->bdhw", block.downsample[0].weight[:, :, 0, 0], x[:, :, ::2, ::2]) / 2
    torch.testing.assert_close(block.shortcut(x), by_einsum, atol=1e-5, rtol=1e-4)


def test_a_plain_block_has_no_shortcut() -> None:
    block = ResNet(architecture(residual=False)).layer1[0]
    with pytest.raises(TypeError, match=r"^A plain block has no shortcut\.$"):
        block.shortcut(torch.zeros(1, 4, 6, 6))


def test_a_plain_network_has_its_twins_weights_without_the_projections() -> None:
    twin, plain = (set(build(name).state_dict()) for name in ("resnet18", "plain18"))
    assert plain < twin
    assert all(".downsample." in key for key in twin - plain)
    assert set(build("resnet20").state_dict()) == set(build("plain20").state_dict())


@pytest.mark.parametrize("block", ["basic", "bottleneck"])
@pytest.mark.parametrize("preactivation", [False, True])
@pytest.mark.parametrize("shortcut", ["A", "B", "C"])
def test_one_training_forward_updates_every_norm_once(block: str, preactivation: bool, shortcut: str) -> None:
    network = ResNet(architecture(block, preactivation=preactivation, shortcut=shortcut))
    network(torch.randn(2, 3, 8, 8))
    counts = [m.num_batches_tracked for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [int(n) for n in counts if n is not None] == [1] * len(counts)


def test_a_block_says_what_it_needs() -> None:
    a = architecture()
    with pytest.raises(NotImplementedError):
        Block.branch(BasicBlock(a, 4, 4, 4, 1, 1), torch.zeros(1))
    assert (BasicBlock.expansion, Bottleneck.expansion) == (1, 4)


# --- named networks ---


@pytest.mark.parametrize("name", ["resnet18", "plain34", "resnet50", "resnet20"])
def test_stem_stages_and_head_make_the_network(name: str) -> None:
    torch.manual_seed(0)
    network = build(name, 7).eval()
    x = torch.randn(2, 3, 32, 32)
    out = network.stem(x)
    for stage in network.stages.values():
        out = stage(out)
    logits = network.head(out)
    assert logits.shape == (2, 7)
    assert torch.equal(network(x), logits)
    assert list(network.stages) == [f"layer{n + 1}" for n in range(len(ARCHITECTURES[name].depths))]


def test_build_knows_the_width_of_the_logits() -> None:
    with torch.device("meta"):
        assert build("resnet18").fc.out_features == 1000
        assert build("resnet20").fc.out_features == 10
        assert build("resnet20", 100).fc.out_features == 100
        assert build("resnet18", num_classes=10).architecture.num_classes == 10
    with pytest.raises(ArchitectureError, match="Unknown architecture resnet19"):
        build("resnet19")


def test_stride_sits_in_the_3x3_unless_told() -> None:
    with torch.device("meta"):
        ours, papers = build("resnet50").layer2[0], build("resnet50", stride_in_1x1=True).layer2[0]
    assert (ours.conv1.stride, ours.conv2.stride) == ((1, 1), (2, 2))
    assert (papers.conv1.stride, papers.conv2.stride) == ((2, 2), (1, 1))


def test_v2_closes_with_a_norm_and_a_relu() -> None:
    """Nothing negative reaches the pooling, although V2 blocks let negatives through."""
    torch.manual_seed(0)
    network = build("resnet20", preactivation=True).eval()
    seen: list[Tensor] = []
    network.layer3.register_forward_hook(lambda _m, _i, out: seen.append(out))
    network.avgpool.register_forward_hook(lambda _m, i, _o: seen.append(i[0]))
    network(torch.randn(1, 3, 32, 32))
    assert seen[0].min() < 0 <= seen[1].min()
    assert not hasattr(network, "bn1") and hasattr(network, "bn_last")
