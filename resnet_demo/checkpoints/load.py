"""Finds weights, checks them against their model card and loads them. Only safetensors: a pickle could run code.

A checkpoint is `<model>-<dataset>.safetensors` with its model card `<model>-<dataset>.json` beside it. On the Hub it is
`model.safetensors` with `card.json`; The ImageNet weights there have no card; one is made from torchvision's metadata.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load as parse
from torch import Tensor

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.card import KEPT, checkpoints, parse_card, read_bytes, read_card
from resnet_demo.checkpoints.card import WEIGHTS as WEIGHTS
from resnet_demo.checkpoints.imagenet import imagenet_card
from resnet_demo.checkpoints.timm import timm_card
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.models.architectures import depth_of, describe
from resnet_demo.models.device import choose_device
from resnet_demo.models.resnet import ResNet, build

GOLDEN_TOLERANCE = 1e-3
DAMAGED = ("checkpoint_altered", "checkpoint_damaged", "checkpoint_card_json", "checkpoint_card")
"""Error keys of files that another download may repair."""


@dataclass(frozen=True)
class Classifier:
    """A trained network, in evaluation mode with frozen weights, and what is needed to use it.

    Attributes:
        network: on `device`.
        classes: English class names in the order of the logits; `class_ids` are their ids (WordNet's or the dataset's).
        card: the checkpoint's model card, as read.
        preprocessing: how an image is prepared for it.
    """

    network: ResNet
    classes: tuple[str, ...]
    class_ids: tuple[str, ...]
    card: dict[str, Any]
    device: torch.device
    preprocessing: Preprocessing

    @property
    def name(self) -> str:
        return self.network.architecture.name

    def index_of(self, class_id: str) -> int:
        """The logit index of a class. Raises CheckpointError when the network was not trained on it."""
        if class_id not in self.class_ids:
            raise CheckpointError("class_unknown", name=self.name, class_id=class_id, known=len(self.class_ids))
        return self.class_ids.index(class_id)

    def preprocess(self, image: Image.Image) -> Tensor:
        """An RGB image as a new (1, 3, H, W) tensor on the device."""
        return self.preprocessing.tensor(self.preprocessing.crop(image)).to(self.device, copy=True)


def available(folder: Path = WEIGHTS) -> list[tuple[str, str]]:
    """(model, weights) of every sound checkpoint in `folder`: those trained on Imagenette first, then by dataset.

    Within a dataset, shallow networks come first, and each ResNet comes before its plain twin.
    """
    sound = (path.stem.rpartition("-") for path in _published(folder) if _fault(path, _state(path)) is None)
    return sorted(((model, dataset) for model, _, dataset in sound), key=_place)


def faults(folder: Path = WEIGHTS) -> dict[Path, DemoError]:
    """Why checkpoints in `folder` cannot be used: altered, cut short, linked from elsewhere, NaN inside ..."""
    found = {path: _fault(path, _state(path)) for path in _published(folder)}
    return {path: fault for path, fault in found.items() if fault is not None}


def _published(folder: Path) -> list[Path]:
    """The weights with a card beside them."""
    return [path for path in checkpoints(folder) if path.with_suffix(".json").is_file()]


def _state(path: Path) -> tuple[int, ...]:
    """What changes with the files of a checkpoint: their times, sizes and inodes, and that of a link."""
    found = [path.lstat(), *(file.stat() for file in (path, path.with_suffix(".json")) if file.exists())]
    return tuple(number for file in found for number in (file.st_mtime_ns, file.st_size, file.st_ino))


@lru_cache(maxsize=KEPT)
def _fault(path: Path, _: tuple[int, ...]) -> DemoError | None:
    """What keeps a checkpoint from being used. Its weights are read once, and again when `_`, their state, changes."""
    try:
        card = read_card(path)
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise CheckpointError("checkpoint_link", path=path)
        if path.stem != f"{card['model']}-{card['dataset']}":
            raise CheckpointError("checkpoint_other", path=path, found=card["model"], name=path.stem)
        describe(card["model"], **card["options"])
        read_tensors(path, card["sha256"])
    except DemoError as error:
        return error
    return None


def _place(checkpoint: tuple[str, str]) -> tuple[bool, str, int, bool]:
    model, dataset = checkpoint
    return dataset != "imagenette", dataset, depth_of(model), model < "resnet"


def load(name: str, weights: str = "imagenette", device: str = "auto") -> Classifier:
    """The trained network `name`.

    Args:
        weights: the dataset it was trained on ("imagenette", ...); "imagenet", from the Hub; the path of a
            .safetensors file; or a Hub id, "owner/name" or "owner/name@revision".
        device: "auto", "cpu", "cuda" or "mps".

    Raises CheckpointError when there is no such file, or it cannot be downloaded, is damaged or altered, or contains
    another network.
    """
    path, card = find(name, weights)
    if card["model"] != name:
        raise CheckpointError("checkpoint_other", path=path, found=card["model"], name=name)
    network = build(name, len(card["classes"]), **card["options"])
    load_weights(network, read_tensors(path, card["sha256"]), path)
    where = choose_device(device)
    network.eval().requires_grad_(False).to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Classifier(
        network,
        tuple(entry["name"] for entry in card["classes"]),
        tuple(entry["id"] for entry in card["classes"]),
        card,
        where,
        Preprocessing.from_dict(card["preprocessing"]),
    )


def find(name: str, weights: str) -> tuple[Path, dict[str, Any]]:
    """The path of the weights, downloaded if necessary, and their model card. Raises CheckpointError."""
    if hub.is_path(weights):
        path = Path(weights).expanduser()
        return path, read_card(path)
    if weights == "imagenet":
        release = hub.imagenet(name)
        path = hub.cached(release) or hub.get(release)
        return path, imagenet_card(release, hub.stated_sha256(release, path) or sha256_of(path.read_bytes()))
    if release_of_own := hub.hub_id(weights):
        return find_on_hub(release_of_own)
    path = _shipped(name, weights)
    return path, read_card(path)


def find_on_hub(release: hub.Release) -> tuple[Path, dict[str, Any]]:
    """The weights of a Hub id and their card: its own, or one made from timm's configuration."""
    stated = hub.cached(release, hub.CARD_FILE) or hub.cached(release, hub.CONFIG_FILE) or _card_on_hub(release)
    one = hub.at_one_commit(release, stated)
    path = hub.get(one)
    if stated.name == hub.CARD_FILE:
        return path, parse_card(stated)
    return path, timm_card(one, stated, hub.stated_sha256(one, path) or sha256_of(path.read_bytes()))


def _card_on_hub(release: hub.Release) -> Path:
    """The card, or else timm's configuration. Raises CheckpointError where the repository has neither."""
    try:
        return hub.get(release, hub.CARD_FILE)
    except CheckpointError as error:
        if error.key != "hub_file":
            raise
        try:
            return hub.get(release, hub.CONFIG_FILE)
        except CheckpointError as second:
            raise (error if second.key == "hub_file" else second) from None


def fetch(what: str) -> tuple[Path, dict[str, Any]]:
    """Downloads the ImageNet weights of an architecture, or the model of a Hub id, completely into the cache.

    Returns the path of the weights and their model card. A damaged file is downloaded again; an intact one that is
    already on this machine is only checked. Raises CheckpointError.
    """
    own = hub.hub_id(what)
    file = hub.is_path(what)
    asked = ("", what) if own or file else (what, "imagenet")
    try:
        return _whole(*asked)
    except CheckpointError as error:
        if error.key not in DAMAGED or file:
            raise
        for name in (hub.WEIGHTS_FILE, hub.CARD_FILE, hub.CONFIG_FILE):
            if path := hub.cached(own or hub.imagenet(what), name):
                hub.discard(path)
    return _whole(*asked)


def _whole(name: str, weights: str) -> tuple[Path, dict[str, Any]]:
    path, card = find(name, weights)
    read_tensors(path, card["sha256"])
    return path, card


def _shipped(name: str, weights: str) -> Path:
    path = WEIGHTS / f"{name}-{weights}.safetensors"
    if not path.exists():
        there = ", ".join(f"{model}-{dataset}" for model, dataset in available())
        raise CheckpointError("checkpoint_missing", wanted=f"{name}-{weights}", there=there or "-")
    return path


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_tensors(path: Path, sha256: str) -> dict[str, Tensor]:
    """The tensors of `path`, all finite, once its checksum matches the model card's. Raises CheckpointError."""
    content = read_bytes(path)
    try:
        if sha256_of(content) != sha256:
            raise CheckpointError("checkpoint_altered", path=path)
        tensors = parse(content)
    except SafetensorError as error:
        raise CheckpointError("checkpoint_damaged", path=path, reason=str(error)) from error
    for key, tensor in tensors.items():
        if tensor.is_floating_point() and not tensor.sum(dtype=torch.float64).isfinite():
            raise CheckpointError("checkpoint_nan", path=path, key=key)
    return tensors


def load_weights(network: ResNet, tensors: dict[str, Tensor], path: Path) -> None:
    """Copies `tensors` into the network, which stays float32. Raises CheckpointError when their shapes do not match."""
    check_shapes(network, tensors, path)
    network.load_state_dict(tensors, strict=False)


def check_shapes(network: ResNet, tensors: dict[str, Tensor], path: Path) -> None:
    """Raises CheckpointError unless `tensors`, which are from the file `path`, are those of the network."""
    wanted, given = _shapes(network.state_dict()), _shapes(tensors)
    wrong = sorted(key for key in wanted.keys() | given.keys() if wanted.get(key) != given.get(key))
    if wrong:
        raise CheckpointError(
            "checkpoint_mismatch", path=path, name=network.architecture.name, count=len(wrong), key=wrong[0]
        )


def _shapes(tensors: dict[str, Tensor]) -> dict[str, torch.Size]:
    """Shapes by key, without BatchNorm's batch counters, which are never used."""
    return {key: value.shape for key, value in tensors.items() if not key.endswith("num_batches_tracked")}


def golden_input(preprocessing: Preprocessing) -> Tensor:
    """The fixed input (1, 3, size, size) for a card's golden logits: a wave that every machine computes identically."""
    steps = torch.arange(3 * preprocessing.size**2, dtype=torch.float64)
    return (2 * torch.sin(0.37 * steps)).float().view(1, 3, preprocessing.size, preprocessing.size)
