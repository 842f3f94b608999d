"""`--mcp`: the documented endpoints as tools for agents, listed and called by the real client."""

import ast
import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from resnet_demo import serving
from resnet_demo.errors import DemoError
from tests.helpers.environments import extended
from tests.helpers.running import ROOT, environment, running

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("classify", {}),
    ("compare_cam", {}),
    ("blocks", {"name": "resnet18", "options": {"shortcut": "C"}}),
    ("count_parameters", {"channels": 256, "width": 64, "kinds": ["vgg", "bottleneck"]}),
    ("residual_step", {"x": 2}),
    ("gradient_flow", {"pair": "cifar-8"}),
    ("degradation", {}),
    ("early_exit", {}),
    ("landscape", {}),
    ("blocks", {"name": "resnet18", "size": 5000}),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the client is told by an app in an environment with the extra."""
    folder = tmp_path_factory.mktemp("mcp")
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["mcp"]
    python = extended(folder / "environment", *extra)
    with running(folder, "--device", "cpu", "--mcp", python=str(python)) as app:
        command = [str(python), "-m", "tests.helpers.mcp_client", app.url, json.dumps(CALLS)]
        done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.mark.long
def test_each_endpoint_is_a_tool_with_its_description(answers: Any) -> None:
    assert list(answers["tools"]) == list(dict.fromkeys(name for name, _ in CALLS))
    assert all(len(description) > 100 for description in answers["tools"].values())
    assert answers["tools"]["classify"].startswith("Classifies a picture with one or several networks.")


@pytest.mark.long
def test_tools_answer(answers: Any) -> None:
    *good, refused = answers["results"]
    assert [one["error"] for one in good] == [False] * 9
    found = {name: ast.literal_eval(one["text"]) for (name, _), one in zip(CALLS, good, strict=False)}
    assert [one["network"] for one in found["classify"]] == ["resnet18", "plain18"]
    assert [one["layer"] for one in found["compare_cam"]] == ["layer4", "layer4"]
    assert found["blocks"]["totals"]["parameters"] > 11_689_512  # option C projects everywhere
    assert [one["parameters"] for one in found["count_parameters"]] == [1_180_160, 70_400]
    assert found["residual_step"]["residual"]["x"] == 2
    assert refused["error"] and "size = 5000: it must be a whole number from 1 to 4,096." in refused["text"]


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda _: None)
    with pytest.raises(DemoError) as caught:
        serving.serve(None, None, None, "cpu", False, mcp=True)
    assert str(caught.value) == (
        f'The package mcp is not installed. Install it with python -m pip install "gradio[mcp]=={gr.__version__}".'
    )


def test_the_extra_is_gradios_own_at_the_pinned_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = dict(line.split("==") for line in Path(ROOT / "requirements.txt").read_text("utf-8").split())
    assert project["optional-dependencies"]["mcp"] == [f"gradio[mcp]=={pins['gradio']}"]
