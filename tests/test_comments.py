"""Docstrings and comments of the libraries and the command line are plain native English."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "resnet_demo"
FOLDERS = ("cli", "data", "explain", "models", "training")

RULES = {
    r"(?<![Tt]here )\b(is|are) no\b": ("a row that is no block", "a row that is not a block"),
    r"\bno number\b": ("the loss is no number any more", "the loss becomes NaN or infinite"),
    r"\bheld against\b": ("cards held against their weights", "cards checked against their weights"),
    r"\bhands? on\b": ("what pooling hands on", "what pooling passes on"),
    r"\bdear\b|\berrs?\b|\banew\b|\blikeliest\b|\bmends?\b|\bfor want of\b": ("drawn anew", "drawn again"),
    r"\bby lot\b|\bin no language\b|\ball the same\b": ("drawn by lot", "chosen at random"),
    r"\bstarv": ("no block starves", "every block receives gradient"),
    r"\bcut out\b": ("networks with parts cut out", "networks with parts removed"),
    r"\bNo torch here\b|\bno torch here\b": ("as data: no torch here", "as data. Does not import torch."),
}
"""Pattern to a text that breaks the rule, and one that keeps it."""


def prose(source: str) -> list[str]:
    """The docstrings and comments of a module, each on one line."""
    found = [
        node.value.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    found += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return [" ".join(text.split()) for text in found]


def broken(pattern: str, sources: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, text) for name, source in sources.items() for text in prose(source) if re.search(pattern, text)]


SOURCES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8")
    for folder in FOLDERS
    for path in (PACKAGE / folder).rglob("*.py")
}


def test_docstrings_and_comments_are_found() -> None:
    source = '"""A module."""\n\nx = "held against"  # a comment\n"""An attribute\n    in two lines."""\n'
    assert prose(source) == ["A module.", "An attribute in two lines.", "# a comment"]
    assert broken(r"held against", {"x.py": source}) == []
    assert broken(r"two lines", {"x.py": source}) == [("x.py", "An attribute in two lines.")]


def test_every_folder_is_read() -> None:
    assert {name.split("/")[0] for name in SOURCES} == set(FOLDERS)


@pytest.mark.parametrize(("pattern", "wrong", "right"), [(pattern, *texts) for pattern, texts in RULES.items()])
def test_a_rule_is_kept(pattern: str, wrong: str, right: str) -> None:
    assert re.search(pattern, wrong) and not re.search(pattern, right)
    assert broken(pattern, SOURCES) == []
