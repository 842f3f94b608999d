"""Every row and layer against the network that ran: closed form == meta device == FlopCounterMode."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnet_demo.chapters.blocks.rows import Row, blocks, totals
from resnet_demo.chapters.blocks.trace import Traced, run, trace
from resnet_demo.errors import ArchitectureError, CountError
from resnet_demo.models import ARCHITECTURES, build
from resnet_demo.models.architectures import Architecture
from resnet_demo.models.resnet import Block, Bottleneck, ZeroPadding
from tests.helpers.meta import numel, on_meta


def kind(module: nn.Module) -> str:
    kinds = {
        nn.Conv2d: "conv",
        nn.MaxPool2d: "maxpool",
        nn.AdaptiveAvgPool2d: "avgpool",
        nn.Linear: "linear",
        nn.BatchNorm2d: "norm",
        nn.Identity: "norm",
    }
    return kinds.get(type(module)) or ("bottleneck" if isinstance(module, Bottleneck) else "basic")


def convolutions(module: nn.Module) -> list[nn.Module]:
    names = ("conv1", "conv2", "conv3")
    return [getattr(module, name) for name in names if hasattr(module, name)] or [module]


def kernels(module: nn.Module) -> str:
    sizes = [getattr(conv, "kernel_size", "") for conv in convolutions(module)]
    return ", ".join(f"{size}x{size}" for size in (s[0] if isinstance(s, tuple) else s for s in sizes) if size)


def stride(module: nn.Module) -> int | None:
    total = 1
    for conv in convolutions(module):
        if not hasattr(conv, "stride"):
            return None
        total *= conv.stride[0] if isinstance(conv.stride, tuple) else conv.stride
    return total


def shortcut(module: nn.Module) -> str | None:
    if not isinstance(module, Block):
        return None
    types = {nn.Identity: "identity", nn.Sequential: "projection", ZeroPadding: "zero padding", type(None): "none"}
    return types[type(module.downsample)]


def padded(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape, 1, 1)[:3]


def assert_row_matches(
    row: Row, network: nn.Module, ran: dict[str, Traced], flops: dict[str, dict[object, int]]
) -> None:
    module, seen = network.get_submodule(row.name), ran[row.name]
    assert (row.kind, row.stride, row.shortcut) == (kind(module), stride(module), shortcut(module))
    assert row.kernels == (kernels(module) if row.kind != "avgpool" else "x".join(map(str, row.input[1:])))
    assert (row.input, row.output) == (padded(seen.input), padded(seen.output))
    joined = ran["bn1"].parameters if row.name == "conv1" and "bn1" in ran else 0
    assert row.parameters == seen.parameters + joined
    projection = ran.get(f"{row.name}.downsample")
    assert row.shortcut_parameters == (projection.parameters if projection else 0)
    assert row.macs == seen.macs == sum(flops.get(f"ResNet.{row.name}", {}).values()) // 2


def assert_layers_match(rows: list[Row], network: nn.Module, ran: dict[str, Traced]) -> None:
    """Every convolution, BN, pooling and linear layer that ran is a layer of a row, in the order in which they ran."""
    leaves = [name for name in ran if isinstance(network.get_submodule(name), LEAVES)]
    layers = {layer.name: layer for row in rows for layer in row.layers if layer.kind not in ("relu", "add", "pad")}
    assert list(layers) == leaves
    for name, layer in layers.items():
        module, seen = network.get_submodule(name), ran[name]
        assert layer.kind == kind(module)
        assert layer.shortcut == ("downsample" in name)
        assert (layer.input, layer.output) == (padded(seen.input), padded(seen.output))
        assert (layer.parameters, layer.macs) == (seen.parameters, seen.macs)
        if isinstance(module, nn.Conv2d):
            assert (layer.kernel, layer.stride) == (module.kernel_size[0], module.stride[0])
            assert (layer.dilation, layer.groups) == (module.dilation[0], module.groups)
        assert layer.bias == (getattr(module, "bias", None) is not None and layer.kind != "norm")


def assert_rows_match(network: nn.Module, rows: list[Row], size: int) -> None:
    """Closed form == what ran on the meta device == FlopCounterMode."""
    with FlopCounterMode(display=False) as counter:
        ran = run(network, size)
    for row in rows:
        assert_row_matches(row, network, ran, counter.get_flop_counts())
    assert_layers_match(rows, network, ran)
    # Nothing is left out and nothing counted twice.
    sums = totals(rows)
    assert sums.parameters == ran[""].parameters == numel(network)
    assert sums.macs == ran[""].macs == counter.get_total_flops() // 2
    assert [row.name for row in rows if "." in row.name] == [
        path for path, module in network.named_modules() if isinstance(module, Block)
    ]


LEAVES = (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d, nn.AdaptiveAvgPool2d, nn.Linear)
SIZES = (224, 57, 32, 512, 161)
OPTIONS: list[dict[str, object]] = [
    {},
    {"stem": "imagenet"},
    {"stem": "cifar"},
    {"shortcut": "A"},
    {"shortcut": "B"},
    {"shortcut": "C"},
    {"preactivation": True},
    {"norm": "none"},
    {"dilation": True},
    {"num_classes": 7},
    {"stride_in_1x1": True},
    {"groups": 8, "width_per_group": 16},
]


def changes(a: Architecture, options: dict[str, object]) -> bool:
    """Whether the network takes the options and is not the same without them."""
    if options.keys() & {"stride_in_1x1", "groups"} and a.block == "basic":
        return False
    if "stem" in options:
        return options["stem"] != a.stem
    if "shortcut" in options:
        return a.residual and options["shortcut"] != a.shortcut
    return True


def options_of(a: Architecture) -> list[dict[str, object]]:
    dilation = {"replace_stride_with_dilation": (False, True, True)[: len(a.depths) - 1]}
    return [dilation if "dilation" in options else options for options in OPTIONS if changes(a, options)]


CASES = [(name, options) for name, a in ARCHITECTURES.items() for options in options_of(a)]
"""Every architecture with every option that changes it."""


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_three_routes_agree(name: str, options: dict[str, object]) -> None:
    network = on_meta(name, **options)
    for size in SIZES[:2] if options else SIZES:  # an even size and an odd one for each option
        assert_rows_match(network, blocks(name, size, **options), size)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_three_routes_agree_with_any_options(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["resnet18", "plain18", "resnet20", "resnet50"]))
    flags = 2 if name == "resnet20" else 3
    options: dict[str, object] = {
        "residual": data.draw(st.booleans()),
        "shortcut": data.draw(st.sampled_from("ABC")),
        "preactivation": data.draw(st.booleans()),
        "norm": data.draw(st.sampled_from(["batch", "none"])),
        "replace_stride_with_dilation": data.draw(st.tuples(*[st.booleans()] * flags)),
        "num_classes": data.draw(st.integers(1, 50)),
    }
    if name == "resnet50":
        options["stride_in_1x1"] = data.draw(st.booleans())
        options["groups"] = data.draw(st.integers(1, 5))
        options["width_per_group"] = data.draw(st.integers(1, 80))
    size = data.draw(st.integers(1, 96), "size")
    assert_rows_match(on_meta(name, **options), blocks(name, size, **options), size)


def test_the_three_routes_can_disagree() -> None:
    network, rows = on_meta("resnet50"), blocks("resnet50", 64, stride_in_1x1=True)
    with pytest.raises(AssertionError):
        assert_rows_match(network, rows, 64)


# --- the trace itself ---


def test_resnet18() -> None:
    ran = trace("resnet18")
    whole, first, block = ran[""], ran["conv1"], ran["layer2.0"]
    assert (whole.kind, whole.input, whole.output) == ("ResNet", (3, 224, 224), (1000,))
    assert (whole.parameters, whole.macs) == (11_689_512, 1_814_073_344)
    assert (first.kind, first.output, first.macs) == ("Conv2d", (64, 112, 112), 118_013_952)
    assert (block.kind, block.input, block.output, block.parameters) == (
        "BasicBlock",
        (64, 56, 56),
        (128, 28, 28),
        230_144,
    )
    assert list(ran)[-1] == "" and not any("relu" in name for name in ran)


def test_the_largest_network_takes_no_memory() -> None:
    """No number exists: every parameter of a ResNet-152 at 512 px is on the meta device, and so is what came out."""
    with torch.device("meta"):
        network = build("resnet152").eval()
    assert run(network, 512)[""].macs == 60_144_173_056
    assert {parameter.device.type for parameter in network.parameters()} == {"meta"}


def test_no_hook_is_left() -> None:
    with torch.device("meta"):
        network = build("resnet20").eval()
    run(network, 32)
    assert all(not module._forward_hooks for module in network.modules())


def test_a_real_forward_pass_has_the_same_shapes() -> None:
    network = build("resnet20").eval()
    shapes: dict[str, tuple[int, ...]] = {}
    for name, module in network.named_modules():
        module.register_forward_hook(lambda _, inputs, out, name=name: shapes.update({name: tuple(out.shape[1:])}))
    with torch.no_grad():
        network(torch.zeros(1, 3, 40, 40))
    assert all(shapes[name] == seen.output for name, seen in trace("resnet20", 40).items())


def test_bad_names_are_refused() -> None:
    with pytest.raises(ArchitectureError, match="Unknown architecture resnet19"):
        trace("resnet19")
    with pytest.raises(CountError, match="size = 0"):
        trace("resnet18", 0)
