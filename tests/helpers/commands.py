"""The command line called in this process: what it answers, and what it refuses with which words."""

import json
from pathlib import Path
from typing import Any

import pytest

from resnet_demo.__main__ import main


def train_words(data: Path, out: Path, *more: str) -> list[str]:
    words = ["train", "--dataset", "cifar10", "--data-dir", str(data), "--model", "resnet20", "--out", str(out)]
    return [*words, "--batch_size", "16", "--valid-ratio", "0.1", *more]


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    """What the verb prints with --json."""
    capsys.readouterr()
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What the verb says to standard error, and nothing to standard output, with exit status 2."""
    capsys.readouterr()
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err
