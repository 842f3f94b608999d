"""No variable of a comprehension takes the name of something that the code around it may call.

Python 3.12.0 and 3.12.1 mistake the one for the other when a later comprehension of the same function calls it.
"""

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ["app.py", *(f"{folder}/**/*.py" for folder in ("resnet_demo", "tests"))]
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def names(target: ast.AST) -> set[str]:
    """The variables that an assignment to `target` binds."""
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def bound(scope: ast.AST) -> set[str]:
    """What a module binds at its top level, and its functions within them; a class's own names are behind a dot."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(scope):
        inside_class = isinstance(scope, ast.ClassDef)
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not inside_class:
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign) and isinstance(scope, ast.Module):
            found |= set().union(*map(names, node.targets))
        elif isinstance(node, ast.AnnAssign) and isinstance(scope, ast.Module):
            found |= names(node.target)
        found |= bound(node)
    return found


def shadows(source: str) -> list[str]:
    """The variables of comprehensions that shadow a builtin, or what the module binds: "line 3: power"."""
    tree = ast.parse(source)
    taken = bound(tree) | set(dir(builtins))
    variables: Iterator[tuple[int, str]] = (
        (node.lineno, name)
        for node in ast.walk(tree)
        if isinstance(node, COMPREHENSIONS)
        for generator in node.generators
        for name in sorted(names(generator.target) & taken)
    )
    return [f"line {line}: {name}" for line, name in variables]


@pytest.mark.quick
def test_no_comprehension_shadows_what_may_be_called() -> None:
    found = {
        str(path.relative_to(ROOT)): shadows(path.read_text("utf-8"))
        for pattern in SOURCES
        for path in sorted(ROOT.glob(pattern))
    }
    assert len(found) > 100
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.quick
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def power(x): ...\ndef f():\n    return [power for power in range(2)]", ["line 3: power"]),
        ("from math import log\nx = {log: 1 for log in y}", ["line 2: log"]),
        ("import a.b as c\nx = (1 for _, (c, d) in y)", ["line 2: c"]),
        ("class K: ...\nx = {1 for K in y}", ["line 2: K"]),
        ("SIDES = 3\nx = [1 for a in y for SIDES in a]", ["line 2: SIDES"]),
        ("def f():\n    def power(x): ...\n    def g():\n        return [1 for power in y]", ["line 4: power"]),
        ("x = [len for len in y]", ["line 1: len"]),
        ("def f(one):\n    two = 1\n    return [one + two for one in one for two in one]", []),
        ("class K:\n    kind: str\n    def at(self): ...\nx = [kind for at in z for kind in y]", []),
    ],
)
def test_the_check_finds_them(source: str, expected: list[str]) -> None:
    assert shadows(source) == expected
