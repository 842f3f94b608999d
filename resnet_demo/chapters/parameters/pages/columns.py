"""The columns of a comparison: their controls, what is shown of them, and what they hold as a block."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.chapters.parameters.block_kinds import KINDS, SHORTCUTS, SWITCHES, Block, block, count_of
from resnet_demo.kit.controls import Number
from resnet_demo.kit.messages import Problem, attempt
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

LETTERS = "ABCD"
UNUSED = "unused"
NUMBERS = ("channels_in", "channels_out", "width", "kernel", "depth", "growth", "widen", "groups", "stride")
FIELDS = ("kind", *NUMBERS, "switches", "shortcut")
CHANNELS = 256


@dataclass(frozen=True)
class Column:
    """One column's controls in the order of `FIELDS`, the frame around them, and its card."""

    frame: gr.Column
    controls: tuple[Any, ...]
    card: gr.HTML


def build_column(page: Site, letter: str, start: Block | None) -> Column:
    """The controls of a column that starts with a block, or unused."""
    name = f"parameters-{letter.lower()}"
    kind, *values = settings(start)
    with gr.Column(elem_id=name, elem_classes=classes(letter, start), min_width=0) as frame:
        controls: list[Any] = [
            page.word(
                gr.Dropdown(
                    kind_choices(page.initial), value=kind, elem_id=f"{name}-kind", filterable=False, min_width=0
                ),
                label=lambda language: t(language, "parameters.column", letter=letter),
                choices=kind_choices,
            )
        ]
        with gr.Row(elem_classes="calc-fields"):
            for field, value in zip(NUMBERS, values, strict=False):
                box = Number(value, elem_id=f"{name}-{field}", elem_classes=f"field-{field}", min_width=0)
                controls.append(page.word(box, label=f"parameters.field.{field}"))
            switches, shortcut = values[len(NUMBERS) :]
            controls.append(
                page.word(
                    gr.CheckboxGroup(
                        switch_choices(page.initial),
                        value=switches,
                        elem_id=f"{name}-switches",
                        elem_classes="field-switches",
                        min_width=0,
                    ),
                    label="parameters.field.switches",
                    choices=switch_choices,
                )
            )
            controls.append(
                page.word(
                    gr.Dropdown(
                        shortcut_choices(page.initial),
                        value=shortcut,
                        elem_id=f"{name}-shortcut",
                        elem_classes="field-shortcut",
                        filterable=False,
                        min_width=0,
                    ),
                    label="parameters.field.shortcut",
                    choices=shortcut_choices,
                )
            )
        card = gr.HTML(elem_id=f"{name}-card")
    return Column(frame, tuple(controls), card)


def kind_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.kind.{kind}"), kind) for kind in (*KINDS, UNUSED)]


def switch_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.term.{switch}"), switch) for switch in SWITCHES]


def shortcut_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"parameters.shortcut.{option}"), option) for option in SHORTCUTS]


def settings(b: Block | None) -> list[Any]:
    """What the controls hold for a block, in the order of `FIELDS`; for None those of an unused column.

    Where channels out follow from other numbers, their hidden field holds the channels in, for the kind chosen next.
    """
    if b is None:
        return [UNUSED, *settings(block("bottleneck", CHANNELS))[1:]]
    numbers = {number: getattr(b, number) for number in NUMBERS}
    if not has_out(b.kind):
        numbers["channels_out"] = b.channels_in
    return [
        b.kind,
        *numbers.values(),
        [switch for switch in SWITCHES if getattr(b, switch)],
        b.shortcut,
    ]


def classes(letter: str, b: Block | None) -> list[str]:
    """The style's names of a column: which one it is, and the fields that its kind has."""
    fields = () if b is None else (*KINDS[b.kind].numbers, *KINDS[b.kind].fields, "switches")
    return ["calc-column", f"col-{letter.lower()}", *(f"has-{field}" for field in dict.fromkeys(fields))]


def updates(letter: str, b: Block | None) -> list[Any]:
    """What shows a block in a column: its frame, then its controls."""
    return [gr.update(elem_classes=classes(letter, b)), *settings(b)]


def has_out(kind: str) -> bool:
    """Whether a kind's channels out are a number of their own."""
    return "channels_out" in KINDS[kind].fields


def chosen(letter: str, kind: str, channels_in: Any, channels_out: Any) -> list[Any]:
    """A kind was chosen: its own numbers come with it, and the channels stay if they can."""
    if kind == UNUSED:
        return updates(letter, None)
    kept = attempt(block, kind, channels_in, channels_out=channels_out if has_out(kind) else None)
    shown = updates(letter, block(kind, CHANNELS) if isinstance(kept, Problem) else kept)
    if not has_out(kind):
        shown[1 + FIELDS.index("channels_out")] = channels_out  # hidden, and there again with the next kind
    return shown


def held(values: Sequence[Any]) -> Block | None:
    """The block that a column's controls hold, None if it is unused. Raises CountError."""
    given = dict(zip(FIELDS, values, strict=True))
    kind = given["kind"]
    if kind == UNUSED:
        return None
    numbers = {name: count_of(name, given[name]) for name in KINDS[kind].numbers}
    shortcut = {"shortcut": given["shortcut"]} if "shortcut" in KINDS[kind].fields else {}
    switches = {switch: switch in given["switches"] for switch in SWITCHES}
    return block(kind, numbers.pop("channels_in"), **numbers, **switches, **shortcut)


def split(values: Sequence[Any]) -> list[Sequence[Any]]:
    """The values of all columns, column by column."""
    return [values[start : start + len(FIELDS)] for start in range(0, len(values), len(FIELDS))]


def in_words(language: str, problem: Problem) -> Problem:
    """The problem with the controls' own word for the setting."""
    named = {"name": t(language, f"parameters.field.{problem.values['name']}")} if "name" in problem.values else {}
    return Problem(problem.key, {**problem.values, **named})


def fields_in_words(language: str, names: Sequence[str]) -> str:
    return t(language, "parameters.and").join(t(language, f"parameters.field.{name}") for name in names)
