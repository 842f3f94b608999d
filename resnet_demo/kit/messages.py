"""Expected errors as messages: the one place that turns a DemoError into words on the page or for a script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import PurePath
from typing import ParamSpec, TypeVar

import gradio as gr

from resnet_demo.errors import DemoError
from resnet_demo.kit.text import t

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """An expected error, kept so that it can be shown where a result would stand."""

    key: str
    values: Mapping[str, object]

    def __hash__(self) -> int:
        """Hashed by content, so that gr.State notices a change."""
        return hash((self.key, repr(sorted(self.values.items()))))


def attempt(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Problem:
    """The result of `function`, or the problem that it met."""
    try:
        return function(*args, **kwargs)
    except DemoError as error:
        return Problem(error.key, error.values)


def message(language: str, problem: Problem) -> str:
    """What went wrong, the rule and the remedy, in one or two sentences. It never says where a file lies."""
    values = {name: value.name if isinstance(value, PurePath) else value for name, value in problem.values.items()}
    return t(language, f"error.{problem.key}", **values)


def notice(language: str, problem: Problem) -> str:
    """The message as HTML, in place of a result."""
    return f'<div class="notice" role="alert">{escape(message(language, problem))}</div>'


def renamed(language: str, problem: Problem, keys: Mapping[str, str]) -> Problem:
    """The problem with a control's own label in place of its name: `keys` are the labels' keys by name."""
    key = keys.get(str(problem.values.get("name")))
    return replace(problem, values={**problem.values, "name": t(language, key)}) if key else problem


def answer(language: str, result: T | Problem) -> T:
    """The result for a script, or the message as the error that its client raises."""
    if isinstance(result, Problem):
        raise gr.Error(message(language, result), print_exception=False)
    return result
