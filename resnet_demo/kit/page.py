"""What a tab is, and the one place that turns expected errors into messages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from itertools import islice
from typing import Any, ParamSpec, Protocol, TypeVar

import gradio as gr
from gradio.blocks import Block

from resnet_demo.errors import DemoError
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.text import t

P = ParamSpec("P")
T = TypeVar("T")
Wording = str | Callable[[str], Any]


@dataclass(frozen=True)
class Problem:
    """An expected error, kept so that it can be said again in another language."""

    key: str
    values: Mapping[str, object]

    def __hash__(self) -> int:
        """By its words: a gr.State tells by the hash of what it holds whether it has changed."""
        return hash((self.key, repr(sorted(self.values.items()))))


def attempt(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Problem:
    """The result of `function`, or the problem that it met."""
    try:
        return function(*args, **kwargs)
    except DemoError as error:
        return Problem(error.key, error.values)


def message(language: str, problem: Problem) -> str:
    """What went wrong, the rule and the remedy, in one or two sentences."""
    return t(language, f"error.{problem.key}", **problem.values)


def notice(language: str, problem: Problem) -> str:
    """The message as HTML, in place of a result."""
    return f'<div class="notice" role="alert">{escape(message(language, problem))}</div>'


def answer(language: str, result: T | Problem) -> T:
    """The result for a script, or the message as the error that its client raises."""
    if isinstance(result, Problem):
        raise gr.Error(message(language, result), print_exception=False)
    return result


def bound(function: Callable[..., T], *first: object) -> Callable[..., T]:
    """`function` with its first arguments given, under its own name."""
    given = partial(function, *first)
    given.__name__ = function.__name__  # type: ignore[attr-defined]
    return given


QUIETLY: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "show_progress_on": []}
"""A listener that is no endpoint, and shows no progress of Gradio's own.

Without the empty list Gradio's page keeps a status for each output, and goes through all of them at every event.
"""


AT_ONCE: dict[str, Any] = {**QUIETLY, "queue": False}
"""A quiet listener past the queue: one request that brings its own answer.

A queued answer comes over a stream, which the server closes when nothing is left to send: an event that a page sends
at that very moment gets its answer only with the next one. Not for steps, and not for a gr.State that others watch:
of those, Gradio's page hears over the stream alone.
"""


CATCHING_UP = 3
"""Passes that follow a drawing of everything."""


NETWORK: dict[str, Any] = {"concurrency_id": "network", "concurrency_limit": 1}
"""The lane of all that runs a network and is done in a moment."""


@dataclass(frozen=True)
class Drawing:
    """What is drawn anew in another language: `render(*inputs)`, into `outputs`."""

    render: Callable[..., Any]
    inputs: tuple[Block, ...]
    outputs: tuple[Block, ...]


@dataclass
class Page:
    """What all tabs share: the networks, the language control, and every worded component."""

    networks: Networks
    initial: str
    language: gr.Radio
    ready: Any  # the event that says: the language is known, show the first results
    load: Any  # the event of an opened page, for what its address asks (a gr.Request)
    unload: Callable[[Callable[..., object]], None]  # registers what happens when a visitor leaves
    tabs: gr.Tabs
    worded: list[tuple[Block, dict[str, Wording]]] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)
    keys: tuple[str, ...] = ()  # of all tabs: what `opens` can open

    def word(self, component: T, **properties: Wording) -> T:
        """Gives `component` its texts: property name to catalogue key, or to a function of the language."""
        assert isinstance(component, Block)
        self.worded.append((component, properties))
        for name, value in self._in(self.initial, properties).items():
            setattr(component, name, value)
        return component

    def in_language(self, language: str) -> list[dict[str, Any]]:
        """An update for each worded component."""
        return [gr.update(**self._in(language, properties)) for _, properties in self.worded]

    def opens(self, button: gr.Button, key: str) -> None:
        """A click on `button` opens the tab `key`."""
        button.click(partial(gr.Tabs, selected=key), None, self.tabs, **AT_ONCE)

    def draws(self, events: Sequence[Any], render: Callable[..., Any], inputs: Sequence[Any], *outputs: Block) -> Any:
        """`render(*inputs)` into `outputs` when one of `events` comes, and in each language; returns that event.

        The language is one of the inputs. Of events that come while one is drawn, the last is not lost.
        A control's event must have one such listener only: Gradio's page repeats it for all of them, and two would
        repeat each other for ever.
        """
        self.drawings.append(Drawing(render, tuple(inputs), outputs))
        if events:
            return gr.on(events, render, list(inputs), list(outputs), trigger_mode="always_last", **AT_ONCE)
        return None

    def measures(
        self, events: Sequence[Any], measure: Callable[..., Any], inputs: Sequence[Any], found: gr.State, busy: Block
    ) -> Any:
        """`measure(*inputs)` into `found`, one at a time with all that runs a network; `busy` shows that it runs.

        Returns the event of its end, for `shows`.
        """
        return gr.on(
            events,
            measure,
            list(inputs),
            found,
            api_visibility="private",
            show_progress="minimal",
            show_progress_on=busy,
            trigger_mode="always_last",
            **NETWORK,
        )

    def shows(
        self, computed: Sequence[Any], state: gr.State, render: Callable[[Any, str], Any], *outputs: Block
    ) -> None:
        """What one of `computed` left in `state` is shown by `render(value, language)`, now and in each language.

        Measuring and wording are apart, so that a change of language during a long measurement is not lost.
        """
        show, inputs = bound(shown, render, len(outputs)), [state, self.language]
        for one in computed:
            one.then(show, inputs, list(outputs), trigger_mode="always_last", **AT_ONCE)
        self.draws([], show, inputs, *outputs)

    def speaks(self, reworded: Any) -> None:
        """After `reworded`, the event of new words, everything is drawn anew: one request for all.

        What a visitor changes meanwhile is answered first, and then overwritten by this request, which was asked
        before. So it is followed by others that draw once more what has changed since; each takes less time than the
        one before, and the last ones find nothing to do.
        """
        inputs = [place for drawing in self.drawings for place in drawing.inputs]
        outputs = [place for drawing in self.drawings for place in drawing.outputs]
        drawn, last = gr.State(), {"trigger_mode": "always_last", **AT_ONCE}
        event = reworded.then(self.redrawn, inputs, [*outputs, drawn], **last)
        for _ in range(CATCHING_UP):
            event = event.then(self.caught_up, [*inputs, drawn], [*outputs, drawn], **last)

    def redrawn(self, *values: Any) -> list[Any]:
        """Each drawing of its own part of `values`; and `values`, to be compared with what is there afterwards."""
        return [*self._drawn(values, [True] * len(self.drawings)), values]

    def caught_up(self, *values: Any) -> list[Any]:
        """The drawings whose inputs are others than in the pass before, which the last value tells; and the inputs."""
        *now, before = values
        changed = iter([not _alike(new, old) for new, old in zip(now, before, strict=True)])
        wanted = [any([*islice(changed, len(drawing.inputs))]) for drawing in self.drawings]
        return [*self._drawn(now, wanted), tuple(now)]

    def _drawn(self, values: Sequence[Any], wanted: Sequence[bool]) -> list[Any]:
        left, found = iter(values), []
        for drawing, is_wanted in zip(self.drawings, wanted, strict=True):
            own, count = [*islice(left, len(drawing.inputs))], len(drawing.outputs)
            result = drawing.render(*own) if is_wanted else (gr.skip(),) * count if count > 1 else gr.skip()
            found += [result] if count == 1 else [*result]
        return found

    @staticmethod
    def _in(language: str, properties: Mapping[str, Wording]) -> dict[str, Any]:
        return {
            name: wording(language) if callable(wording) else t(language, wording)
            for name, wording in properties.items()
        }


def shown(render: Callable[[Any, str], Any], count: int, value: Any, language: str) -> Any:
    """Nothing before the first result: it is on its way, and must not be overwritten."""
    if value is None:
        return gr.skip() if count == 1 else tuple(gr.skip() for _ in range(count))
    return render(value, language)


def _alike(new: Any, old: Any) -> bool:
    """The same object, or what a control holds, of the same value."""
    return new is old or (isinstance(new, str | int | float | list) and bool(new == old))


class Tab(Protocol):
    """A module of `tabs`: `KEY` names its texts, `build` lays out, `wire` connects."""

    KEY: str

    def build(self, page: Page) -> Any: ...

    def wire(self, page: Page, parts: Any) -> None: ...
