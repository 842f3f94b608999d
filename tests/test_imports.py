"""Imports point one way, chapters stand alone, and the check that says so can fail."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "resnet_demo"
LIBRARIES = {"errors", "checks", "environment", "data", "models", "checkpoints", "explain", "training"}
# Each part of the package, and the parts that it may import.
MAY_IMPORT = {
    "errors": set(),
    "environment": {"errors"},
    "checks": {"errors"},
    "data": {"errors", "checks"},
    "models": {"errors", "checks", "environment", "data"},
    "checkpoints": {"errors", "environment", "data", "models"},
    "explain": {"errors", "checks", "data", "models", "checkpoints"},
    "training": {"errors", "checks", "data", "models", "checkpoints"},
    "kit": LIBRARIES,
    "chapters": LIBRARIES | {"kit"},
    "lesson": LIBRARIES | {"kit", "chapters"},
    "shell": LIBRARIES | {"kit", "chapters", "lesson"},
    "serving": LIBRARIES | {"kit", "shell"},
    "notebook": LIBRARIES | {"serving", "shell"},
    "cli": LIBRARIES | {"chapters"},
    "anatomy": {"chapters"},
    "__main__": {"errors", "environment", "cli"},
    "__init__": {"environment"},
}
# Public names that `models` has carried from the start; it imports them when they are asked for.
RE_EXPORTS = {"checkpoints", "checkpoints.load", "checkpoints.push"}
SCREEN = {"gradio", "plotly"}


def imports(source: str) -> set[str]:
    """The modules that a source file imports, and the names that it takes from ours."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names if node.module.startswith("resnet_demo")}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def is_numbers(module: str) -> bool:
    """Whether a chapter's module is of its numbers, which any script can import, and not of its pages."""
    place = module.split(".")
    return place[0] == "chapters" and len(place) == 3 and place[2] not in ("tab", "endpoint")


def violations(module: str, source: str) -> list[str]:
    """What `module` ("chapters.blocks.rows") imports against the rules."""
    place = module.split(".")
    wrong = []
    for name in sorted(imports(source)):
        if name.split(".")[0] in SCREEN and (place[0] in LIBRARIES | {"cli"} or is_numbers(module)):
            wrong.append(f"{module} imports {name}")
        if not name.startswith("resnet_demo."):
            continue
        other = name.split(".")[1:]
        allowed = MAY_IMPORT[place[0]] | {place[0]}
        if other[0] in MAY_IMPORT and other[0] not in allowed:
            if module == "models.__init__" and ".".join(other[:2]) in RE_EXPORTS:
                continue
            wrong.append(f"{module} imports {name}")
        if place[0] == other[0] == "chapters" and len(place) > 2 and len(other) > 1 and other[1] != place[1]:
            wrong.append(f"{module} imports another chapter, {name}")
        if is_numbers(module) and other[0] == "kit":
            wrong.append(f"{module}, a chapter's numbers, imports {name}")
        if place[0] in ("cli", "anatomy") and other[0] == "chapters" and {"pages", "tab"} & set(other):
            wrong.append(f"{module} imports the page {name}")
    return wrong


MODULES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    assert violations(module, MODULES[module].read_text("utf-8")) == []


def test_every_part_is_in_the_rules():
    assert {module.split(".")[0] for module in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("models.resnet", "from resnet_demo.kit.text import t"),
        ("models.resnet", "from resnet_demo.checkpoints.load import load"),
        ("models.__init__", "from resnet_demo.checkpoints.hub import Release"),
        ("data.pictures", "import resnet_demo.models.resnet"),
        ("explain.prediction", "def f():\n    import resnet_demo.chapters.blocks.rows"),
        ("explain.prediction", "import gradio as gr"),
        ("chapters.blocks.rows", "from resnet_demo.chapters.parameters.counting import count"),
        ("chapters.blocks.pages.network", "from resnet_demo.chapters.parameters.pages import blocks"),
        ("chapters.blocks.rows", "import gradio as gr"),
        ("chapters.blocks.rows", "from resnet_demo.kit.text import t"),
        ("kit.page", "from resnet_demo.chapters import CHAPTERS"),
        ("kit.page", "from resnet_demo.chapters.blocks.rows import blocks"),
        ("chapters.blocks.rows", "from resnet_demo.lesson.step import Step"),
        ("kit.page", "from resnet_demo.lesson import STEPS"),
        ("cli.train", "from resnet_demo import shell, kit\nfrom resnet_demo.kit.text import t"),
        ("cli.blocks", "from resnet_demo.chapters.blocks.pages import network"),
        ("shell", "from resnet_demo.serving import serve"),
    ],
)
def test_the_check_can_fail(module, source):
    assert len(violations(module, source)) >= 1


def test_a_chapter_may_use_its_own_numbers_and_the_kit():
    source = "import gradio\nfrom resnet_demo.chapters.blocks.rows import blocks\nfrom resnet_demo.kit.text import t"
    assert violations("chapters.blocks.pages.network", source) == []


def test_only_app_py_and_a_notebook_start_the_app():
    starters = [name for name, path in MODULES.items() if "resnet_demo.serving" in imports(path.read_text("utf-8"))]
    assert starters == ["notebook"]
    assert "resnet_demo.serving" in imports((ROOT / "app.py").read_text("utf-8"))


@pytest.mark.parametrize(
    "name", ["blocks", "classroom", "gradients", "parameters", "replay", "responsiveness", "soak", "start"]
)
def test_a_benchmark_names_what_there_is(name: str) -> None:
    """Two are left out: one needs packages of its own, the other is an app by itself."""
    import_module(f"tests.benchmarks.{name}")
