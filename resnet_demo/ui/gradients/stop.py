"""Stopping a long measurement: its next step is not begun, and its progress is no longer shown."""

from typing import Any, Protocol

import gradio as gr

from resnet_demo.ui.contract import QUIETLY


class Begun(Protocol):
    """A measurement on its way: `begun` is the moment, in nanoseconds, that all of its steps share."""

    @property
    def begun(self) -> int: ...


def stops(button: gr.Button, found: gr.State, halted: gr.State, running: list[Any]) -> None:
    """A click on `button` ends the `running` events, and writes into `halted` which measurement that was.

    A mark on the measurement itself would be lost: the step that a click interrupts still writes its result.
    """
    button.click(halt, found, halted, cancels=running, **QUIETLY)


def halt(found: Begun | None) -> int:
    """When the measurement in `found` was begun; 0 where there is none."""
    return getattr(found, "begun", 0)
