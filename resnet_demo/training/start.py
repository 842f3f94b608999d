"""What a network starts from: random weights, or the trunk of a trained network under a new head."""

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
    """Where training starts from.

    Attributes:
        weights: what `load` takes ("imagenet", a .safetensors file, a Hub id), or "" for random weights.
        frozen: whether everything but the head keeps its weights and BatchNorm's statistics.
        stem: "imagenet" or "cifar" in place of the network's own, "" for its own; of random weights alone.
        sha256: of the weights, as their card states it, so that others under the same name are told apart: `run` fills
            it in.
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
        """The options of a network that starts from random weights, as its card tells them."""
        return {"stem": self.stem} if self.stem not in ("", describe(model).stem) else {}

    def lines(self, model: str) -> dict[str, str]:
        """What a card and a state file say of it, without the paths of this machine; {} for random weights."""
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
    """The network to train: all of it random, or with a trained trunk and a random head. Raises CheckpointError."""
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
    """Whether none of the module's weights are trained."""
    return not any(parameter.requires_grad for parameter in module.parameters())


def training_mode(network: nn.Module) -> None:
    """Training mode, but for frozen parts: their BatchNorm goes on with the statistics that it has."""
    network.train()
    for child in network.children():
        if is_frozen(child):
            child.eval()
