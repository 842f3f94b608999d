"""What the tests of publishing and of verification share."""

from pathlib import Path

import pytest

from tests.helpers.published import publish_untrained


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The card of a small checkpoint that was just published."""
    publish_untrained(tmp_path)
    return tmp_path / "resnet20-cifar10.json"
