"""What the tests of the tabs share: the networks, and a photograph in a file."""

import pytest

from resnet_demo.kit.offered_networks import Networks
from tests.helpers.refused import photograph


@pytest.fixture(scope="module")
def networks() -> Networks:
    return Networks("cpu")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("pictures") / "photo.png"
    photograph().save(path)
    return str(path)
