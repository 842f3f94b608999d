"""The arguments of the verbs that inspect networks: `explain`, `blocks`, `count`, `fetch`, `convert`, `verify`."""

import argparse
from pathlib import Path
from typing import Any

from resnet_demo.chapters.parameters.block_kinds import KINDS, SHORTCUTS
from resnet_demo.chapters.parameters.exports import FORMATS
from resnet_demo.cli.options import MODELS, Add, add_data, add_json, add_verb, path, positive
from resnet_demo.models.architectures import STEMS

PAIR = ("resnet18", "plain18")
"""What `explain` explains where no network is named."""
COMPARED, CHANNELS = ("vgg", "bottleneck"), 256
"""What `count` counts where no kind is named."""


def explain(add: Add) -> None:
    verb = add_verb(
        add,
        "explain",
        "draw heat maps: class activation maps of images",
        "Writes for each image and network: <image>-<model>-<weights>.png, the map over the network's crop; .npy, the "
        "raw map, not normalised; .json, everything needed to repeat it. Weights from a file or a Hub id are named by "
        "the first digits of their checksum. explanations.json lists them, with the images that could not be read. "
        f"Under torchrun the images are split among the processes. {MODELS}",
    )
    verb.add_argument("pictures", type=path, metavar="IMAGE_OR_FOLDER", help="an image, or a folder of images")
    verb.add_argument(
        "--model",
        action="append",
        metavar="NAME",
        help=f"the network that the weights belong to; may be repeated (default: {' and '.join(PAIR)})",
    )
    verb.add_argument(
        "--weights",
        action="append",
        metavar="W",
        help="a .safetensors file with its model card beside it, a Hub id, imagenet, or the dataset of shipped "
        "weights; given once for all networks, or once for each --model, in the same order (default: imagenette)",
    )
    verb.add_argument(
        "--method",
        default="gradcam",
        help="such as layercam or scorecam; an unknown one lists them all (default: gradcam)",
    )
    verb.add_argument(
        "--layer",
        action="append",
        help="a stage (layer4) or block (layer4.0); if repeated, the maps are averaged (default: the last stage)",
    )
    verb.add_argument("--target", metavar="CLASS", help="a class by id or name (default: each image's own prediction)")
    verb.add_argument("--against", metavar="CLASS", help="explain why the target and not this class")
    verb.add_argument("--counterfactual", action="store_true", help="show the evidence against the target")
    verb.add_argument("--batch-size", type=positive, default=16, metavar="N", help="images per batch (default: 16)")
    verb.add_argument("--resume", action="store_true", help="skip what an earlier run with the same options finished")
    verb.add_argument("--out", type=path, default=Path("explanations"), metavar="DIR", help="(default: explanations)")
    add_json(verb)


WHOLE = {"type": int, "metavar": "N"}
SWITCH = {"action": argparse.BooleanOptionalAction, "default": None}
BLOCK_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "residual": (SWITCH, "with shortcuts, or the plain twin"),
    "shortcut": ({"choices": ("A", "B", "C")}, "where shapes differ: zero padding, projection; C projects everywhere"),
    "preactivation": (SWITCH, "BN and ReLU before each convolution (V2)"),
    "norm": ({"choices": ("batch", "none")}, "BatchNorm, or a bias instead"),
    "stride_in_1x1": (SWITCH, "bottlenecks step in the first 1x1 (the authors' release) instead of the 3x3"),
    "groups": (WHOLE, "of the bottleneck's 3x3"),
    "width_per_group": (WHOLE, "of the bottleneck's 3x3"),
    "replace_stride_with_dilation": (
        {"type": int, "choices": (0, 1), "nargs": "+", "metavar": "0|1"},
        "one flag for each stage after the first: dilation instead of stride",
    ),
    "num_classes": (WHOLE, "width of the logits"),
}
"""The options of a network that affect its table: how each is parsed, and its help text."""


def blocks(add: Add) -> None:
    verb = add_verb(
        add,
        "blocks",
        "list a network block by block: shapes, shortcuts, parameters, MACs, receptive field, memory",
        f"{MODELS} And vgg19, which has no options. Options that are not given keep the network's own values.",
    )
    verb.add_argument("name", metavar="NAME", help="the network")
    verb.add_argument(
        "--size",
        type=int,
        metavar="N",
        help="image size in pixels per side (default: 224, or 32 for the CIFAR networks resnet20 ... plain110)",
    )
    for option, (settings, meaning) in BLOCK_OPTIONS.items():
        verb.add_argument("--" + option.replace("_", "-"), dest=option, help=meaning, **settings)
    verb.add_argument(
        "--format", choices=("text", "csv", "markdown", "json"), default="text", help="of the table (default: text)"
    )
    verb.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")


def count(add: Add) -> None:
    verb = add_verb(
        add,
        "count",
        "count blocks' parameters and MACs, with formulas in letters and numbers",
        "--kind may be repeated; the others are compared with the first. An option applies to every kind that has it; "
        "a kind may have its own, as in --kind resnext,width:128,groups:32. Options that are not given have the kind's "
        "defaults. Without --kind, the two 3 x 3 convolutions of VGG are compared with a bottleneck at 256 channels.",
    )
    verb.add_argument(
        "--kind",
        action="append",
        metavar="KIND",
        help=f"{', '.join(KINDS)}; may be repeated (default: {' and '.join(COMPARED)}, with --channels {CHANNELS})",
    )
    for name, letter, meaning in (
        ("channels", "C", "input channels of the block, and output channels unless given"),
        ("channels-out", "C", "output channels of the block"),
        ("width", "N", "channels inside (default for a bottleneck: a quarter of the channels)"),
        ("kernel", "K", "side of the kernel, odd (default: 3)"),
        ("depth", "N", "convolutions of vgg (default: 2), layers of dense (default: 4)"),
        ("groups", "G", "groups of the k x k convolutions"),
        ("growth", "G", "channels added by each layer of dense (default: 32)"),
        ("widen", "M", "width factor of a wide block (default: 2)"),
        ("stride", "S", "stride of the first k x k convolution (default: 1)"),
    ):
        verb.add_argument(f"--{name}", type=int, metavar=letter, help=meaning)
    for name, meaning in (("bias", "convolutions have a bias"), ("norm", "each convolution has BatchNorm")):
        verb.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=meaning)
    verb.add_argument("--shortcut", choices=SHORTCUTS, help="none, or the paper's option A, B or C")
    verb.add_argument(
        "--size", type=int, default=56, metavar="N", help="feature map size in pixels per side (default: 56)"
    )
    verb.add_argument("--format", choices=("text", *FORMATS), default="text", help="(default: text)")
    add_json(verb)


def fetch(add: Add) -> None:
    verb = add_verb(
        add,
        "fetch",
        "download weights from the Hugging Face Hub into this machine's cache, or Imagenette's photographs",
        "Afterwards weights load without internet access: load(NAME, 'imagenet') in Python, --weights imagenet in "
        "evaluate and explain. HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN and HF_HOME are respected. torchvision downloads "
        "Imagenette (99 MB), which is compared with its checksum before it is unpacked.",
    )
    verb.add_argument(
        "name",
        metavar="NAME",
        help="resnet18, 34, 50, 101 or 152: ImageNet's weights; the Hub id of a model, OWNER/NAME; or imagenette",
    )
    verb.add_argument(
        "--data-dir",
        type=Path,
        metavar="D",
        help="of imagenette: the folder it is unpacked in (default: RESNET_DEMO_DATA, or data)",
    )
    verb.add_argument(
        "--mirror", default="", metavar="URL", help="of imagenette: another address of imagenette2-160.tgz"
    )
    add_json(verb)


def convert(add: Add) -> None:
    verb = add_verb(
        add,
        "convert",
        "turn a .pth file of a trained network into weights with a card",
        "Writes <model>-<file>.safetensors (float32) with its card, .json, which every other verb and the app read. "
        "Wrappers such as state_dict and prefixes such as module. are taken off, and of a network and its moving "
        f"average the average is taken. Tensors alone are read: a file that could run code is refused. {MODELS}",
    )
    verb.add_argument("file", type=Path, metavar="FILE.pth", help="what torch.save wrote")
    verb.add_argument("--model", required=True, metavar="NAME", help="the network that was saved")
    verb.add_argument(
        "--stem",
        choices=STEMS,
        default="",
        help="imagenet: a 7x7 of stride 2 and max-pool; cifar: one 3x3 (default: the network's own)",
    )
    verb.add_argument(
        "--classes",
        type=Path,
        metavar="FILE",
        help="names of the classes in the order of the logits: one on each line, or JSON (default: numbers)",
    )
    verb.add_argument(
        "--out", type=Path, default=Path("runs"), metavar="DIR", help="where both files are written (default: runs)"
    )
    add_json(verb)


def verify(add: Add) -> None:
    verb = add_verb(
        add,
        "verify",
        "check every checkpoint in weights/ against its model card",
        "Recomputes checksum, parameters and golden logits, and with --data-dir the accuracy. "
        "The exit status is 1 if a model card is inaccurate.",
    )
    add_data(verb, required=False)
    add_json(verb)
