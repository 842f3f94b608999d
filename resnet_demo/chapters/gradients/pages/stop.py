"""Ending a long measurement, by a button or by a new choice: its next step is not begun."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any

import gradio as gr
from gradio.blocks import Block

from resnet_demo.kit.listeners import AT_ONCE, QUIETLY, bound
from resnet_demo.kit.messages import attempt
from resnet_demo.kit.steps_in_thread import LANE


@dataclass
class Turn:
    """How often a visitor has asked for something. One object for all listeners of a page."""

    number: int = 0


def asks(
    events: Sequence[Any],
    measure: Callable[..., Iterator[Any]],
    inputs: Sequence[Block],
    found: gr.State,
    busy: Block,
    turn: gr.State,
    first: Sequence[Any] = (),
) -> Any:
    """`measure(*inputs)` into `found`, step by step, until something else is asked for in the same `turn`.

    The step itself looks, because cancelling would not do: a page that is told to cancel an event and to begin it
    anew in one breath loses the beginning. `first` begins it, too, and ends nothing: a state's change reaches all its
    listeners at once, so what it began might take it for a newer question. Returns the event of the measurement.
    """
    gr.on(events, want, turn, None, trigger_mode="multiple", **AT_ONCE)
    return gr.on(
        [*first, *events],
        bound(while_wanted, measure),
        [turn, *inputs],
        found,
        api_visibility="private",
        show_progress="minimal",
        show_progress_on=busy,
        trigger_mode="always_last",
        **LANE,
    )


def want(turn: Turn) -> None:
    """Tells the steps on their way that something else is asked for."""
    turn.number += 1


def while_wanted(measure: Callable[..., Iterator[Any]], turn: Turn, *inputs: object) -> Iterator[Any]:
    """The steps of `measure(*inputs)`, or the expected error; none is begun once something else is asked for."""
    mine, steps = turn.number, measure(*inputs)
    while turn.number == mine and (step := attempt(lambda: next(steps, None))) is not None:
        yield step


def stops(button: gr.Button, halted: gr.State, running: list[Any]) -> None:
    """A click on `button` ends the `running` events, and writes its moment into `halted`: what began before has ended.

    A mark on the measurement itself would be lost: the step that a click interrupts still writes its result. And the
    page may still show an older measurement than the one that ends.
    """
    button.click(halt, None, halted, cancels=running, **QUIETLY)


def halt() -> int:
    """Now, by the clock that tells when a measurement was `begun`."""
    return monotonic_ns()
