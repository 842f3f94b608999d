"""ResNets, ResNeXts and Wide ResNets as timm keeps them on the Hub: `config.json` in place of a card.

timm uses torchvision's names for the tensors of these networks.
"""

import re
from pathlib import Path
from typing import Any

from resnet_demo.checkpoints.card import checked, parse_object
from resnet_demo.checkpoints.hub import CONFIG_FILE, Release
from resnet_demo.checkpoints.imagenet import imagenet_classes
from resnet_demo.data.preprocessing import IMAGENET_MEAN, IMAGENET_STD
from resnet_demo.errors import CheckpointError
from resnet_demo.models.architectures import WIDEST

NETWORKS: dict[str, tuple[str, dict[str, object]]] = {
    **{name: (name, {}) for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")},
    **{name: (name, {}) for name in ("resnext50_32x4d", "wide_resnet50_2")},
    "resnext101_32x4d": ("resnet101", {"groups": 32, "width_per_group": 4}),
    "resnext101_32x8d": ("resnet101", {"groups": 32, "width_per_group": 8}),
    "resnext101_64x4d": ("resnet101", {"groups": 64, "width_per_group": 4}),
    "wide_resnet101_2": ("resnet101", {"width_per_group": 128}),
}
"""The architectures, by timm's name: ours, with its options."""
CROP = 0.875
"""What timm takes for the part of the side that is cut out, where a configuration does not tell."""


def timm_card(release: Release, config: Path, sha256: str) -> dict[str, Any]:
    """What a card says of the weights `release`, by the repository's own `config`.

    Raises CheckpointError for another kind of network, and for a configuration that cannot be used.
    """
    stated = parse_object(config)
    inner = stated.get("pretrained_cfg")
    settings = stated | inner if isinstance(inner, dict) else stated
    architecture = str(settings.get("architecture")).partition(".")[0]
    if architecture not in NETWORKS:
        raise CheckpointError(
            "hub_architecture",
            repository=release.repository,
            file=CONFIG_FILE,
            architecture=architecture,
            names=", ".join(NETWORKS),
        )
    model, options = NETWORKS[architecture]
    own = release.repository.partition("/")[2]
    card: dict[str, Any] = {
        "title": f"{own}, by timm",
        "model": model,
        "options": options,
        "dataset": own.removeprefix(f"{architecture}."),
        "classes": _classes(settings, own),
        "preprocessing": _preprocessing(settings),
        "sha256": sha256,
        "source": f"{release.repository}@{release.revision}",
        "terms": f"License as its repository states: {settings.get('license', 'none')}.",
    }
    return checked(card, config)  # judges every value that the configuration gives


def _preprocessing(settings: dict[str, Any]) -> dict[str, Any]:
    """timm's evaluation: the shorter side to size / crop_pct, then the centre."""
    size, crop = settings.get("input_size"), settings.get("crop_pct", CROP)
    side = size[-1] if isinstance(size, list) and len(set(size[1:])) == 1 else None
    usable = isinstance(side, int) and isinstance(crop, int | float) and 0.01 <= crop <= 1
    return {
        "resize": int(side / crop) if usable else None,  # timm rounds down
        "size": side,
        "mean": settings.get("mean", list(IMAGENET_MEAN)),
        "std": settings.get("std", list(IMAGENET_STD)),
        "interpolation": settings.get("interpolation", "bilinear"),
    }


def _classes(settings: dict[str, Any], repository: str) -> list[dict[str, Any]] | None:
    """The classes by the configuration's names; ImageNet's by torchvision's; numbered where nothing names them."""
    count, names = settings.get("num_classes"), settings.get("label_names")
    if not isinstance(count, int) or not 0 < count <= WIDEST:
        return None
    if isinstance(names, list) and names:
        told = settings.get("label_descriptions")
        descriptions = told if isinstance(told, dict) else {}
        known = len(names) == count and all(isinstance(name, str) for name in names)
        return [{"id": name, "name": descriptions.get(name, name)} for name in names] if known else None
    if count == 1000 and re.search(r"in1k(_\d+)?$", repository):
        return imagenet_classes()
    return [{"id": f"class {i}", "name": f"class {i}"} for i in range(count)]
