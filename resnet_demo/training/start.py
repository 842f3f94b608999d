"""The initial weights of a network: random, or the trunk of a trained network with a new head."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.load import load
from resnet_demo.errors import DemoError
from resnet_demo.models.architectures import describe
from resnet_demo.models.resnet import ResNet, build


@dataclass(frozen=True)
class Start:
    """The starting point of training.

    Attributes:
        weights: what `load` takes ("imagenet", a .safetensors file, a Hub id), or "" for random weights.
        frozen: whether everything except the head keeps its weights and BatchNorm statistics.
        stem: "imagenet" or "cifar" to replace the network's own stem, "" to keep it; only for random weights.
        sha256: the checksum of the weights on their card, which distinguishes other weights of the same name; filled in
            by `run`.
    """

    weights: str = ""
    frozen: bool = False
    stem: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        if self.frozen and not self.weights:
            raise DemoError("freeze_random")
        if self.stem and self.weights:
            raise DemoError("stem_init", weights=self.weights)

    def options(self, model: str) -> dict[str, object]:
        """The options of a network that starts from random weights, as stated on its card."""
        return {"stem": self.stem} if self.stem not in ("", describe(model).stem) else {}

    def lines(self, model: str) -> dict[str, str]:
        """The description for cards and state files, without paths of this machine; {} for random weights."""
        if not self.weights:
            return {}
        source = self.weights
        if self.weights == "imagenet":
            release = hub.imagenet(model)
            source = f"{release.repository}@{release.revision}"
        elif not hub.hub_id(self.weights):
            source = Path(self.weights).name
        told = {"weights": source, "trunk": "frozen" if self.frozen else "trained"}
        return told | ({"sha256": self.sha256} if self.sha256 else {})


RANDOM = Start()


def begin(model: str, classes: int, start: Start, seed: int) -> ResNet:
    """The network to train: entirely random, or a trained trunk with a random head. Raises CheckpointError."""
    source = load(model, start.weights, "cpu") if start.weights else None
    torch.manual_seed(seed)
    if not source:
        return build(model, classes, **start.options(model))
    network = build(model, classes, **source.card["options"])
    trunk = {key: value for key, value in source.network.state_dict().items() if not key.startswith("fc.")}
    network.load_state_dict(trunk, strict=False)
    if start.frozen:
        network.requires_grad_(False)
        network.fc.requires_grad_(True)
    return network


def is_frozen(module: nn.Module) -> bool:
    """Whether no weight of the module is trained."""
    return not any(parameter.requires_grad for parameter in module.parameters())


def training_mode(network: nn.Module) -> None:
    """Training mode, except for frozen parts, whose BatchNorm keeps using its running statistics."""
    network.train()
    for child in network.children():
        if is_frozen(child):
            child.eval()
