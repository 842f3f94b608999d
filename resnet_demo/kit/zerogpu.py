"""Where a page's networks run: on the app's device, on a GPU that ZeroGPU lends, on the CPU when a GPU is full.

Import it before torch: Hugging Face's `spaces` has to be first.
"""

import os
from collections.abc import Callable, Iterator
from functools import wraps
from html import escape
from importlib import import_module
from inspect import isgeneratorfunction
from typing import Any, TypeVar, cast

import gradio as gr

from resnet_demo.kit.text import LANGUAGES, t

Function = TypeVar("Function", bound=Callable[..., Any])
Steps = TypeVar("Steps", bound=Callable[..., Iterator[Any]])
Seconds = Callable[..., int]
"""The most that a function takes on a GPU, from its arguments."""

ZERO = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
_spaces: Any = import_module("spaces") if ZERO else None


def home(device: str) -> str:
    """The device of the app itself. With ZeroGPU it is the CPU: a GPU is lent to one function at a time."""
    return "cpu" if ZERO and device == "auto" else device


def accelerated(function: Function) -> Function:
    """For a function, or generator function, whose first argument is the app's `Networks`.

    When the memory of their GPU is full, the function starts again on the CPU, and the visitor is told.
    """
    return cast(Function, _steps_or_cpu(function) if isgeneratorfunction(function) else _or_cpu(function))


def lent(seconds: Seconds) -> Callable[[Steps], Steps]:
    """Lets a generator function, whose first argument is the app's `Networks`, run on ZeroGPU's GPU.

    Worth it for work of some seconds: the hand-over alone takes one. Arguments and results are pickled, and so a
    DemoError has to come as a result: of what is raised in the other process, only gr.Error keeps its words.
    """

    def decorate(function: Steps) -> Steps:
        @wraps(function)
        def steps(networks: Any, *rest: Any) -> Iterator[Any]:
            yield from function(networks.on("cuda"), *rest)

        return cast(Steps, _spaces.GPU(duration=seconds)(steps)) if ZERO else function

    return decorate


def _or_cpu(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def run(networks: Any, *rest: Any) -> Any:
        try:
            return function(networks, *rest)
        except RuntimeError as error:
            _say_if_full(error)
        return function(networks.on("cpu"), *rest)  # here, where no traceback keeps the GPU's tensors

    return run


def _steps_or_cpu(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    @wraps(function)
    def run(networks: Any, *rest: Any) -> Iterator[Any]:
        try:
            yield from function(networks, *rest)
            return
        except RuntimeError as error:
            _say_if_full(error)
        yield from function(networks.on("cpu"), *rest)

    return run


def _say_if_full(error: RuntimeError) -> None:
    """Tells the visitor, in the page's language, that a GPU's memory is full. Raises any other error again."""
    import torch

    if not isinstance(error, torch.OutOfMemoryError):
        raise error
    words = "".join(f'<span lang="{key}">{escape(t(key, "app.gpu_full"), quote=False)}</span>' for key in LANGUAGES)
    gr.Warning(f'<span class="each-language">{words}</span>')
