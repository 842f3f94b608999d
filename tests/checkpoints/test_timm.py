"""timm's networks by their Hub id: the tensors, the classes and the preprocessing that their own config.json states."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torchvision import models as torchvision_models
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.transforms import v2

from resnet_demo.checkpoints import hub
from resnet_demo.checkpoints.load import fetch, find
from resnet_demo.checkpoints.timm import NETWORKS
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.errors import CheckpointError
from resnet_demo.models import build, load
from tests.helpers.refused import photograph
from tests.helpers.standin import Hub, Repository

SETTINGS: dict[str, Any] = {
    "tag": "a1_in1k",
    "input_size": [3, 224, 224],
    "test_input_size": [3, 288, 288],
    "interpolation": "bicubic",
    "crop_pct": 0.96,
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.25],
    "classifier": "fc",
    "license": "apache-2.0",
}


def config(classes: int, architecture: str = "resnet18", **more: object) -> dict[str, Any]:
    """As timm writes it, without what is not read here."""
    stated = {"architecture": architecture, "num_classes": classes, "num_features": 512, "pretrained_cfg": SETTINGS}
    return stated | more


@pytest.fixture(scope="module")
def flowers() -> bytes:
    torch.manual_seed(0)
    return save(torchvision_models.resnet18(num_classes=3).state_dict())


def put(standin: Hub, weights: bytes, stated: object, name: str = "class/resnet18.flowers") -> Repository:
    repository = standin.repositories[name] = Repository()
    repository.add({"model.safetensors": weights, "config.json": json.dumps(stated).encode()})
    return repository


def test_a_fine_tuned_network_has_its_own_classes_and_preprocessing(standin: Hub, flowers: bytes) -> None:
    named = {"label_names": ["daisy", "n02", "rose"], "label_descriptions": {"n02": "tulip"}}
    put(standin, flowers, config(3, **named))
    classifier = load("resnet18", "class/resnet18.flowers", "cpu")
    assert classifier.classes == ("daisy", "tulip", "rose")
    assert classifier.class_ids == ("daisy", "n02", "rose")
    assert classifier.preprocessing == Preprocessing(233, 224, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), "bicubic")
    assert classifier.card["dataset"] == "flowers"
    assert classifier.card["source"].startswith("class/resnet18.flowers@")
    torch.manual_seed(0)
    witness = torchvision_models.resnet18(num_classes=3).eval()
    x = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(classifier.network(x), witness(x), atol=1e-4)
    image = photograph(512, 512)
    theirs = v2.Compose(
        [
            v2.Resize(233, v2.InterpolationMode.BICUBIC),
            v2.CenterCrop(224),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5] * 3, [0.25] * 3),
        ]
    )(image)
    assert (classifier.preprocess(image)[0] - theirs).abs().mean() < 0.01
    bilinear = Preprocessing(233, 224, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    assert (classifier.preprocess(image) - bilinear.tensor(bilinear.crop(image))).abs().mean() > 0.001


def test_it_is_fetched_once_and_then_nobody_is_asked(standin: Hub, flowers: bytes) -> None:
    put(standin, flowers, config(3))
    path, card = fetch("class/resnet18.flowers")
    assert path.name == "model.safetensors"
    assert [entry["name"] for entry in card["classes"]] == ["class 0", "class 1", "class 2"]
    standin.status = 500
    standin.seen.clear()
    load("resnet18", "class/resnet18.flowers", "cpu")
    assert standin.seen == []


def test_a_damaged_copy_is_fetched_again(standin: Hub, flowers: bytes) -> None:
    put(standin, flowers, config(3))
    path, _ = fetch("class/resnet18.flowers")
    path.resolve().write_bytes(b"x")
    with pytest.raises(CheckpointError, match="does not match its model card: it was altered"):
        load("resnet18", "class/resnet18.flowers", "cpu")
    fetch("class/resnet18.flowers")
    load("resnet18", "class/resnet18.flowers", "cpu")


def test_a_card_of_this_project_comes_before_timm_s_configuration(standin: Hub, flowers: bytes) -> None:
    repository = put(standin, flowers, config(3))
    _, card = find("", "class/resnet18.flowers")
    card["classes"] = [{"id": name, "name": name} for name in ("a", "b", "c")]
    repository.add({"card.json": json.dumps(card).encode()})
    cached = hub.cached(hub.Release("x", "class/resnet18.flowers"), "config.json")
    assert cached is not None
    cached.unlink()
    assert load("resnet18", "class/resnet18.flowers", "cpu").classes == ("a", "b", "c")


def test_imagenet_s_classes_are_torchvision_s(standin: Hub, imagenet_file: bytes) -> None:
    put(standin, imagenet_file, config(1000), "timm/resnet18.a1_in1k")
    put(standin, imagenet_file, config(1000), "class/resnet18.things")
    _, card = find("", "timm/resnet18.a1_in1k")
    names = [entry["name"] for entry in card["classes"]]
    assert names == torchvision_models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"]
    assert card["classes"][0] == {"id": "n01440764", "name": "tench"}
    assert card["dataset"] == "a1_in1k"
    _, other = find("", "class/resnet18.things")
    assert other["classes"][0]["name"] == "class 0"  # a thousand classes need not be ImageNet's


def test_older_configurations_lie_flat(standin: Hub, flowers: bytes) -> None:
    flat = {"architecture": "resnet18", "num_classes": 3} | {k: v for k, v in SETTINGS.items() if k != "crop_pct"}
    put(standin, flowers, flat)
    _, card = find("", "class/resnet18.flowers")
    assert (card["preprocessing"]["resize"], card["preprocessing"]["size"]) == (256, 224)


WITNESSES = {
    "resnext101_32x4d": lambda: ResNet(Bottleneck, [3, 4, 23, 3], groups=32, width_per_group=4),
    **{name: getattr(torchvision_models, name) for name in NETWORKS if name != "resnext101_32x4d"},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_architecture_has_torchvision_s_tensors(name: str) -> None:
    model, options = NETWORKS[name]
    with torch.device("meta"):
        ours, theirs = build(model, 1000, **options), WITNESSES[name]()
    assert {key: value.shape for key, value in ours.state_dict().items()} == {
        key: value.shape for key, value in theirs.state_dict().items()
    }


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        (config(3, "resnet50d"), "resnet50d"),
        (config(3, "vit_base_patch16_224"), "vit_base_patch16_224"),
        ({"architectures": ["ResNetForImageClassification"], "model_type": "resnet"}, "None"),
    ],
)
def test_other_networks_are_named(standin: Hub, flowers: bytes, stated: dict[str, Any], found: str) -> None:
    put(standin, flowers, stated)
    with pytest.raises(CheckpointError) as caught:
        load("resnet18", "class/resnet18.flowers", "cpu")
    assert str(caught.value) == (
        f"class/resnet18.flowers holds {found}, by its config.json. The networks that can be loaded are: "
        f"{', '.join(NETWORKS)}; or any model that was saved with this project's card.json."
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"num_classes": "3"}, "classes"),
        ({"num_classes": 10**12}, "classes"),
        ({"label_names": ["a", "b"]}, "classes"),
        ({"label_names": [["a"], "b", "c"]}, "classes"),
        ({"label_names": ["a", "b", "c"], "label_descriptions": {"a": 1}}, "classes"),
        ({"pretrained_cfg": SETTINGS | {"input_size": [3, 224, 192]}}, "preprocessing.resize, preprocessing.size"),
        ({"pretrained_cfg": SETTINGS | {"input_size": "224"}}, "preprocessing.resize, preprocessing.size"),
        ({"pretrained_cfg": SETTINGS | {"crop_pct": 1e-300}}, "preprocessing.resize"),
        ({"pretrained_cfg": SETTINGS | {"mean": [0.5]}}, "preprocessing.mean"),
        ({"pretrained_cfg": SETTINGS | {"std": [0, 1, 1]}}, "preprocessing.std"),
        ({"pretrained_cfg": SETTINGS | {"interpolation": "nearest"}}, "preprocessing.interpolation"),
    ],
)
def test_a_configuration_that_cannot_be_used_says_what_is_wrong(
    standin: Hub, flowers: bytes, change: dict[str, Any], line: str
) -> None:
    put(standin, flowers, config(3) | change)
    with pytest.raises(CheckpointError, match=rf"config\.json cannot be used\. Missing or invalid: {line}\."):
        load("resnet18", "class/resnet18.flowers", "cpu")


def test_weights_of_another_network_than_stated_are_refused(standin: Hub, flowers: bytes) -> None:
    put(standin, flowers, config(4))
    with pytest.raises(CheckpointError, match=r"does not match resnet18: 2 tensors differ; the first is fc\.bias\."):
        load("resnet18", "class/resnet18.flowers", "cpu")


def test_a_repository_with_neither_file_asks_for_a_card(standin: Hub, flowers: bytes) -> None:
    standin.repositories["class/resnet18.flowers"] = repository = Repository()
    repository.add({"model.safetensors": flowers})
    with pytest.raises(CheckpointError, match=r"class/resnet18\.flowers has no card\.json at revision main\."):
        load("resnet18", "class/resnet18.flowers", "cpu")


def test_bicubic_batches_are_what_the_single_pictures_are(tmp_path: Path) -> None:
    how = Preprocessing(24, 24, interpolation="bicubic")
    images = torch.from_numpy(np.asarray(photograph(48, 48)).copy()).permute(2, 0, 1)[None]
    one = how.tensor(how.crop(photograph(48, 48)))
    assert (how.batch(images) - one).abs().mean() < 0.02
    assert (Preprocessing(24, 24).batch(images) - one).abs().mean() > (how.batch(images) - one).abs().mean()
    assert Preprocessing.from_dict(how.as_dict()) == how
    assert "interpolation" not in Preprocessing(24, 24).as_dict()
