"""What is around the package: declared dependencies, licences, the container's recipe, the workflow."""

import ast
import re
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from resnet_demo.checkpoints.hub import IMAGENET
from resnet_demo.checkpoints.space import FOLDERS, NEEDED, OPTIONAL
from resnet_demo.data.examples import examples
from tests.helpers.container import instructions, only
from tests.helpers.environments import extended
from tests.helpers.running import ROOT

PINS = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text("utf-8").split())
CONSTRAINTS = [
    Requirement(line) for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line[0] != "#"
]
LICENCES = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
LENT = {"spaces"}  # a Space with ZeroGPU brings it
IN_NOTEBOOKS = {"IPython"}


# ------------------------------------------------------------------------------------------------ dependencies


def imported() -> set[str]:
    """The packages of others that the code imports, anywhere."""
    found = set()
    for path in [ROOT / "app.py", *(ROOT / "resnet_demo").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"resnet_demo"} - LENT - IN_NOTEBOOKS


def test_everything_that_is_imported_is_declared() -> None:
    known = packages_distributions()
    assert {"torch", "gradio", "httpx2", "fastapi", "starlette"} <= imported()
    undeclared = {
        name for name in imported() if not {re.sub("[._]", "-", one.lower()) for one in known[name]} & PINS.keys()
    }
    assert undeclared == set()


@pytest.mark.long
def test_it_installs_with_a_command_of_its_own(tmp_path: Path) -> None:
    python = extended(tmp_path / "environment", "--no-deps", "--editable", str(ROOT))
    command = [str(python.with_name("resnet-demo")), "count", "--kind", "bottleneck", "--channels", "256"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "70,400" in done.stdout, done.stderr


@pytest.mark.quick
def test_the_constraints_agree_with_what_is_required() -> None:
    """A tool resolves them, and has to be run again after a change of the requirements."""
    pinned = {one.name: str(one.specifier) for one in CONSTRAINTS}
    tests = (ROOT / "tests" / "requirements.txt").read_text("utf-8").split()[2:]
    required = {**PINS, **dict(line.split("==") for line in tests)}
    assert {name: pinned[name] for name in required} == {name: f"=={pin}" for name, pin in required.items()}


@pytest.mark.quick
def test_indirect_dependencies_are_those_of_the_constraints() -> None:
    """Of what is installed here; torch comes without its GPU libraries, too, and with a suffix."""
    wrong = []
    own = [one for one in CONSTRAINTS if one.name != "setuptools"]  # an environment begins with one of its own
    for one in (one for one in own if one.marker is None or one.marker.evaluate()):
        try:
            found = version(one.name)
        except PackageNotFoundError:
            continue
        if not one.specifier.contains(found.partition("+")[0], prereleases=True):
            wrong.append(f"{one.name} {found}, not {one.specifier}")
    assert wrong == []


# ------------------------------------------------------------------------------------------------ licences


def test_every_package_picture_and_weight_has_a_licence() -> None:
    packages = re.findall(r"^\| ([\w-]+) \| ([^|]+) \|$", LICENCES.split("## Packages")[1], re.MULTILINE)[1:]
    assert sorted(name for name, _ in packages) == sorted(PINS)
    assert all(licence.strip() for _, licence in packages)
    for example in examples():
        assert example.source == "drawn" or f"`{example.key}`" in LICENCES
        assert (example.source == "drawn") == example.key.endswith("_drawn")
    assert all(release.repository in LICENCES for release in IMAGENET.values())
    datasets = {path.stem.rsplit("-", 1)[1] for path in (ROOT / "weights").glob("*.safetensors")}
    assert all(f"`weights/*-{dataset}.safetensors`" in LICENCES for dataset in datasets)


def test_no_font_and_no_foreign_script_is_shipped() -> None:
    kinds = {path.suffix for path in (ROOT / "resnet_demo").rglob("*") if "__pycache__" not in path.parts}
    assert not kinds & {".woff", ".woff2", ".ttf", ".otf"}
    scripts = [path.read_text("utf-8") for path in (ROOT / "resnet_demo").rglob("*.js")]
    assert scripts and not [text for text in scripts if "@license" in text or ".min." in text]


# ------------------------------------------------------------------------------------------------ the container


def test_the_dockerfile_is_well_formed() -> None:
    names = [name for name, _ in instructions()]
    assert set(names) <= {"FROM", "ARG", "RUN", "WORKDIR", "COPY", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert names[0] == "FROM" and names[-1] == "CMD"
    assert re.fullmatch(r"python:3\.\d+-slim", only("FROM"))  # a pinned, small base
    for name, rest in instructions():
        if name == "RUN":
            assert subprocess.run(["bash", "-n", "-c", rest]).returncode == 0, rest
            assert "pip install" not in rest or rest.count("pip install") == rest.count("--no-cache-dir")


def test_the_container_runs_as_nobody_special_and_tells_its_health() -> None:
    names = [name for name, _ in instructions()]
    assert only("USER") == "app" and names.index("USER") < names.index("CMD")
    assert not [rest for name, rest in instructions()[names.index("USER") :] if name == "RUN"]
    assert only("EXPOSE") == "7860"
    assert "/healthz" in only("HEALTHCHECK") and ":7860/" in only("HEALTHCHECK")
    assert yaml.safe_load(only("CMD")) == ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]


def test_the_container_holds_what_a_space_holds() -> None:
    copied = set()
    for name, rest in instructions():
        if name == "COPY":
            *sources, _ = [word for word in shlex.split(rest) if not word.startswith("--")]
            assert all((ROOT / source).exists() for source in sources)
            copied |= set(sources)
    assert copied == {*NEEDED, *OPTIONAL, *FOLDERS}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert allowed == copied


# ------------------------------------------------------------------------------------------------ the workflow


def test_the_workflow_tests_and_then_deploys_main() -> None:
    workflow: Any = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    test, deploy = workflow["jobs"]["test"], workflow["jobs"]["deploy"]
    assert test["steps"][-1]["run"] == "bash .ci/run"
    assert deploy["needs"] == "test" and "refs/heads/main" in deploy["if"]
    assert deploy["steps"][-1]["run"] == 'python -m resnet_demo deploy "$SPACE"'
    assert deploy["steps"][-1]["env"]["HF_TOKEN"] == "${{ secrets.HF_TOKEN }}"
    assert workflow["permissions"] == {"contents": "read"}
