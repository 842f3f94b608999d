"""Imports point one way, and the check that says so can fail."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "resnet_demo"
# Each part of the package, and the parts that it may import.
MAY_IMPORT = {
    "errors": set(),
    "data": {"errors"},
    "models": {"errors", "data"},
    "training": {"errors", "data", "models"},
    "explain": {"errors", "data", "models"},
    "anatomy": {"errors", "models"},
    "ui": {"errors", "data", "models", "explain", "anatomy", "training"},
    "commands": {"errors", "data", "models", "explain", "anatomy", "training"},
    "__main__": {"errors", "commands"},
    "__init__": set(),
}


def imports(source: str) -> set[str]:
    """The modules of ours that a source file imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("resnet_demo.")}


def violations(module: str, source: str) -> list[str]:
    """What `module` ("ui.tabs.classify") imports against the rules."""
    part = module.split(".")[0]
    wrong = []
    for name in sorted(imports(source)):
        other = name.split(".")[1]
        if other in MAY_IMPORT and other != part and other not in MAY_IMPORT[part]:
            wrong.append(f"{module} imports {name}")
        if module.startswith("ui.tabs.") and name.startswith("resnet_demo.ui.tabs."):
            wrong.append(f"{module} imports the tab {name}")
    return wrong


MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py" or path.parent == PACKAGE
}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    assert violations(module, MODULES[module].read_text("utf-8")) == []


def test_every_part_is_in_the_rules():
    assert {module.split(".")[0] for module in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("models.resnet", "from resnet_demo.ui.text import t"),
        ("data.pictures", "import resnet_demo.models.resnet"),
        ("explain.prediction", "def f():\n    import resnet_demo.anatomy"),
        ("anatomy.blocks", "from resnet_demo.explain import classify"),
        ("ui.tabs.classify", "from resnet_demo.ui.tabs.inspector import render"),
        ("commands.train", "from resnet_demo.ui import shell"),
    ],
)
def test_the_check_can_fail(module, source):
    assert len(violations(module, source)) >= 1


def test_nothing_of_ours_imports_the_app_but_app_py():
    importers = [module for module, path in MODULES.items() if any(".ui" in name for name in imports(path.read_text()))]
    assert all(module.startswith("ui") for module in importers)
    root = PACKAGE.parent
    assert "resnet_demo.ui.serving" in imports((root / "app.py").read_text("utf-8"))
