"""What tests of several folders share."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.helpers.archives import imagenette
from tests.helpers.running import App, environment, running

# Before torch is imported, here and in the processes that tests start: two of them share two cores, and torch's threads
# wait for one another in a busy loop, which made some tests take ten times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No example is timed: on a busy machine the first one can take a second, whatever it tests.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app, started once, in the language of each visitor's browser, with five generated test photographs."""
    folder = tmp_path_factory.mktemp("app")
    imagenette(folder / "imagenette2-160")
    with running(folder, "--device", "cpu", inherited=environment(folder) | {"RESNET_DEMO_DATA": str(folder)}) as app:
        yield app


@pytest.fixture(scope="module")
def networks() -> Any:
    """The networks that the app offers, on the CPU."""
    from resnet_demo.kit.offered_networks import Networks

    return Networks("cpu")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A photograph in a file."""
    from tests.helpers.refused import photograph

    path = tmp_path_factory.mktemp("pictures") / "photo.png"
    photograph().save(path)
    return str(path)


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[Any]:
    """A stand-in for the Hugging Face Hub, which this process's client asks, with an empty cache."""
    from tests.helpers.standin import asking, serving

    with serving() as hub, asking(hub, tmp_path / "cache"):
        yield hub


@pytest.fixture(scope="session")
def imagenet_file() -> bytes:
    """ResNet-18 with 1,000 classes as timm saves it: torchvision's own network, its keys, its batch counters."""
    import torch
    from safetensors.torch import save
    from torchvision import models

    torch.manual_seed(0)
    return save(models.resnet18().state_dict(), {"format": "pt"})


@pytest.fixture
def imagenet(standin: Any, imagenet_file: bytes, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The generated file on the stand-in, with its commit and checksum on record."""
    from resnet_demo.checkpoints import hub
    from tests.helpers.standin import IMAGENET, Repository

    repository = standin.repositories[IMAGENET] = Repository()
    commit = repository.add({"model.safetensors": imagenet_file})
    release = hub.Release("resnet18", IMAGENET, commit, hashlib.sha256(imagenet_file).hexdigest())
    monkeypatch.setitem(hub.IMAGENET, "resnet18", release)
    return release
