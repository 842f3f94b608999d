"""The named networks as data: what each is made of, and what is refused, in which words."""

import subprocess
import sys

import pytest

from resnet_demo.chapters.blocks.rows import blocks
from resnet_demo.errors import ArchitectureError, DemoError
from resnet_demo.models.architectures import ARCHITECTURES, Architecture, depth_of, describe
from resnet_demo.models.options import OPTIONS, checked

IMAGENET = "resnet18 resnet34 resnet50 resnet101 resnet152 plain18 plain34 plain50 resnext50_32x4d wide_resnet50_2"
CIFAR = "resnet20 resnet32 resnet44 resnet56 resnet110 plain20 plain32 plain44 plain56 plain110"


def test_the_names_are_those_of_the_contract() -> None:
    assert sorted(ARCHITECTURES) == sorted(f"{IMAGENET} {CIFAR}".split())
    assert [name for name, a in ARCHITECTURES.items() if a.name != name] == []


@pytest.mark.parametrize("name", IMAGENET.split()[:8] + CIFAR.split())
def test_the_number_in_a_name_counts_the_layers_with_weights(name: str) -> None:
    """Table 1 of arXiv 1512.03385: the stem, two or three convolutions in each block, the classifier."""
    a = ARCHITECTURES[name]
    in_a_block = {"basic": 2, "bottleneck": 3}[a.block]
    assert 1 + in_a_block * sum(a.depths) + 1 == int(name.removeprefix("resnet").removeprefix("plain"))


@pytest.mark.parametrize("name", f"{IMAGENET} {CIFAR}".split())
def test_a_plain_network_differs_from_its_twin_by_the_shortcuts_alone(name: str) -> None:
    twin = name.replace("plain", "resnet")
    a, b = ARCHITECTURES[name], ARCHITECTURES[twin]
    assert a.residual == (name == twin)
    assert describe(name, residual=True) == Architecture(**{**vars(b), "name": name})


@pytest.mark.parametrize("name", CIFAR.split())
def test_cifar_networks_follow_section_4_2(name: str) -> None:
    a = ARCHITECTURES[name]
    assert (a.widths, a.stem, a.block, a.shortcut, a.num_classes) == ((16, 32, 64), "cifar", "basic", "A", 10)
    assert a.strides == (1, 2, 2)


def test_what_follows_from_the_data() -> None:
    assert ARCHITECTURES["resnet18"].out_channels == 512
    assert ARCHITECTURES["resnet50"].out_channels == 2048
    assert ARCHITECTURES["resnet20"].out_channels == 64
    assert ARCHITECTURES["resnet50"].inner_widths == (64, 128, 256, 512)
    assert ARCHITECTURES["resnext50_32x4d"].inner_widths == (128, 256, 512, 1024)
    assert ARCHITECTURES["wide_resnet50_2"].inner_widths == (128, 256, 512, 1024)


def test_dilation_takes_the_place_of_stride() -> None:
    kept = describe("resnet50")
    assert (kept.strides, kept.dilations) == ((1, 2, 2, 2), (1, 1, 1, 1))
    two = describe("resnet50", replace_stride_with_dilation=(False, True, True))
    assert (two.strides, two.dilations) == ((1, 2, 1, 1), (1, 1, 2, 4))
    first = describe("resnet50", replace_stride_with_dilation=(True, False, True))
    assert (first.strides, first.dilations) == ((1, 1, 2, 1), (1, 2, 2, 4))


OPTION_LIST = (
    "stem, residual, shortcut, preactivation, zero_gamma, norm, stride_in_1x1, groups, width_per_group, "
    "replace_stride_with_dilation, num_classes"
)
BOTTLENECK_ONLY = (
    "resnet18 is built of basic blocks: groups, width_per_group and stride_in_1x1 need bottleneck blocks, "
    "as in resnet50."
)
ZERO_GAMMA = (
    "zero_gamma needs a residual branch that ends in BatchNorm: residual=True, norm=batch and preactivation=False."
)
FLAGS = "replace_stride_with_dilation = {}: it must be a list of true and false, one for each stage after the first."
WIDEST = "{0}: it must be a whole number from 1 to {1}, or a layer would be wider than 1,000,000. The nearest is {1}."
REFUSED = [
    (
        "resnet50",
        {"depth": 3},
        "option_unknown",
        f"depth is not an option of the networks. Available options: {OPTION_LIST}.",
    ),
    ("resnet50", {"stem": "vgg"}, "option_stem", "stem = vgg: it must be imagenet or cifar."),
    ("resnet50", {"shortcut": "D"}, "option_shortcut", "shortcut = D: it must be A, B or C."),
    ("resnet50", {"norm": "layer"}, "option_norm", "norm = layer: it must be batch or none."),
    ("resnet50", {"groups": 0}, "option_positive", "groups = 0: it must be a whole number of at least 1."),
    (
        "resnet50",
        {"num_classes": 2.5},
        "option_positive",
        "num_classes = 2.5: it must be a whole number of at least 1.",
    ),
    (
        "resnet50",
        {"width_per_group": "4"},
        "option_positive",
        "width_per_group = 4: it must be a whole number of at least 1.",
    ),
    (
        "resnet50",
        {"num_classes": True},
        "option_positive",
        "num_classes = True: it must be a whole number of at least 1.",
    ),
    ("resnet50", {"preactivation": "no"}, "option_flag", "preactivation = no: it must be true or false."),
    ("resnet50", {"residual": 0}, "option_flag", "residual = 0: it must be true or false."),
    ("resnet50", {"replace_stride_with_dilation": True}, "option_flags", FLAGS.format("True")),
    ("resnet50", {"replace_stride_with_dilation": [0, 1, 1]}, "option_flags", FLAGS.format("[0, 1, 1]")),
    ("resnet50", {"num_classes": 10**6 + 1}, "option_widest", WIDEST.format("num_classes = 1000001", "1,000,000")),
    ("resnet50", {"groups": 2000}, "option_widest", WIDEST.format("groups = 2000", "1,953")),
    ("resnet50", {"width_per_group": 10**9}, "option_widest", WIDEST.format("width_per_group = 1000000000", "125,000")),
    ("resnext50_32x4d", {"width_per_group": 9999}, "option_widest", WIDEST.format("groups = 32", "12")),
    ("resnet18", {"groups": 32}, "option_bottleneck_only", BOTTLENECK_ONLY),
    ("resnet18", {"width_per_group": 128}, "option_bottleneck_only", BOTTLENECK_ONLY),
    ("resnet18", {"stride_in_1x1": True}, "option_bottleneck_only", BOTTLENECK_ONLY),
    (
        "resnet50",
        {"replace_stride_with_dilation": (True, False)},
        "option_dilation",
        "replace_stride_with_dilation has 2 flags: resnet50 takes 3, one for each stage after the first.",
    ),
    (
        "resnet20",
        {"replace_stride_with_dilation": (True, False, False)},
        "option_dilation",
        "replace_stride_with_dilation has 3 flags: resnet20 takes 2, one for each stage after the first.",
    ),
    ("plain18", {"zero_gamma": True}, "option_zero_gamma", ZERO_GAMMA),
    ("resnet18", {"zero_gamma": True, "norm": "none"}, "option_zero_gamma", ZERO_GAMMA),
    ("resnet18", {"zero_gamma": True, "preactivation": True}, "option_zero_gamma", ZERO_GAMMA),
]


@pytest.mark.parametrize(("name", "options", "key", "message"), REFUSED)
def test_what_cannot_be_built_is_refused(name: str, options: dict[str, object], key: str, message: str) -> None:
    with pytest.raises(ArchitectureError) as caught:
        describe(name, **options)
    assert str(caught.value) == message
    assert caught.value.key == key
    assert isinstance(caught.value, DemoError) and isinstance(caught.value, ValueError)


def test_the_nearest_value_that_is_named_can_be_counted() -> None:
    for option, value in (("groups", 1953), ("width_per_group", 125_000), ("num_classes", 10**6)):
        assert blocks("resnet50", 224, **{option: value})


@pytest.mark.parametrize("options", [[], ["shortcut"], 0, "shortcut"])
def test_options_come_by_name(options: object) -> None:
    with pytest.raises(ArchitectureError, match="give them by name, for example") as caught:
        checked(options)
    assert caught.value.key == "options_kind"
    assert checked(None) == {} and checked({"shortcut": "C"}) == {"shortcut": "C"}


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ArchitectureError) as caught:
        describe("resnet19")
    assert str(caught.value) == (
        "Unknown architecture resnet19. Choose one of: resnet18, resnet34, resnet50, resnet101, resnet152, "
        "plain18, plain34, plain50, resnext50_32x4d, wide_resnet50_2, resnet20, resnet32, resnet44, resnet56, "
        "resnet110, plain20, plain32, plain44, plain56, plain110."
    )
    assert caught.value.key == "architecture_unknown"
    assert caught.value.values["name"] == "resnet19"


def test_options_are_the_attributes_that_shape_a_named_network() -> None:
    assert set(vars(ARCHITECTURES["resnet18"])) - set(OPTIONS) == {"name", "block", "depths", "widths"}


@pytest.mark.parametrize("module", ["resnet_demo", "resnet_demo.models", "resnet_demo.anatomy"])
def test_a_bare_import_loads_neither_torch_nor_gradio(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{'torch', 'gradio', 'torchvision', 'numpy'}} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_counting_a_network_needs_no_torch() -> None:
    code = "import sys; from resnet_demo.anatomy import blocks; blocks('resnet50'); print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"


def test_models_has_no_other_attributes() -> None:
    import resnet_demo.models

    with pytest.raises(AttributeError, match="module 'resnet_demo.models' has no attribute 'resnet19'"):
        _ = resnet_demo.models.resnet19


def test_a_name_tells_its_layers() -> None:
    names = ("plain18", "resnet152", "resnext50_32x4d", "wide_resnet50_2", "resnet20")
    assert [depth_of(name) for name in names] == [18, 152, 50, 50, 20]
    assert all(depth_of(name) > 7 for name in ARCHITECTURES)
