"""Model cards of the ImageNet networks: class names, preprocessing and accuracy from torchvision's weight metadata."""

from typing import Any

from torchvision import models

from resnet_demo.checkpoints.hub import Release
from resnet_demo.data.classes import IMAGENETTE
from resnet_demo.data.preprocessing import Preprocessing

VALIDATION = 50_000
"""Images in ImageNet's validation set, on which torchvision measured its weights."""


def imagenet_classes() -> list[dict[str, str]]:
    """ImageNet's 1,000 classes as a card lists them.

    Classes that Imagenette also has keep their WordNet id, so that networks can be compared on the same class;
    torchvision gives no id for the others.
    """
    known = {name: key for key, name in IMAGENETTE.items()}
    names = models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"]
    return [{"id": known.get(name, f"imagenet-{i}"), "name": name} for i, name in enumerate(names)]


def imagenet_card(release: Release, sha256: str) -> dict[str, Any]:
    """What a card says of the weights `release`: nothing here asks the network."""
    weights = models.get_model_weights(release.name)["IMAGENET1K_V1"]
    shape = weights.transforms()
    return {
        "title": f"{release.name}, trained on ImageNet-1K by torchvision",
        "model": release.name,
        "options": {},
        "dataset": "imagenet",
        "classes": imagenet_classes(),
        "preprocessing": Preprocessing(
            shape.resize_size[0], shape.crop_size[0], tuple(shape.mean), tuple(shape.std)
        ).as_dict(),
        "sha256": sha256,
        "source": f"{release.repository}@{release.revision}",
        "terms": "torchvision's weights, BSD-3-Clause; the pictures are ImageNet's, for research and teaching.",
        "parameters": weights.meta["num_params"],
        "accuracy": {
            "top1": weights.meta["_metrics"]["ImageNet-1K"]["acc@1"] / 100,
            "count": VALIDATION,
            "half": "validation",
            "data": f"ImageNet-1K, {VALIDATION:,} validation photographs, as torchvision states",
        },
    }
