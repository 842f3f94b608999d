"""One process writes; a second one is refused by name; one that was killed leaves nothing locked."""

import subprocess
import sys
from pathlib import Path

import pytest

from resnet_demo.data.locks import writing
from resnet_demo.errors import DemoError
from tests.helpers.running import ROOT

HOLDING = """
import sys
from pathlib import Path
from resnet_demo.data.locks import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "resnet20-cifar10.safetensors"


@pytest.mark.parametrize("end", ["killed", "ended"])
def test_another_process_is_refused_until_the_first_has_ended(path: Path, end: str) -> None:
    command = [sys.executable, "-c", HOLDING, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(DemoError) as caught, writing(path):
            pytest.fail("two of them")
        assert str(caught.value) == (
            f"{path} is being written by another process. Wait until it has ended, or choose another --out."
        )
        if end == "killed":
            first.kill()
        first.communicate()
    with writing(path):
        pass
    assert list(path.parent.iterdir()) == []


def test_the_next_one_may_write_and_other_files_always_may(path: Path) -> None:
    with writing(path), writing(path.with_name("plain20-cifar10.safetensors")):
        pass
    with pytest.raises(KeyboardInterrupt), writing(path):
        raise KeyboardInterrupt
    with writing(path):
        assert [entry.name for entry in path.parent.iterdir()] == [f".{path.name}.lock"]
