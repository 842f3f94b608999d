"""The options of a network as controls: those that its blocks can take, at its own values when it is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from resnet_demo.chapters.blocks.layers import paper_stage
from resnet_demo.kit.controls import Number
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES, Architecture

SHORTCUTS = ("A", "B", "C")


@dataclass(frozen=True)
class Choice:
    """A network and the options that differ from its own."""

    name: str
    options: dict[str, object]


@dataclass(frozen=True)
class OptionParts:
    shortcut: gr.Radio
    preactivation: gr.Checkbox
    dilation: gr.CheckboxGroup
    stride_in_1x1: gr.Checkbox
    groups: Number
    width: Number
    classes: Number

    @property
    def controls(self) -> list[Any]:
        return [
            self.shortcut,
            self.preactivation,
            self.dilation,
            self.stride_in_1x1,
            self.groups,
            self.width,
            self.classes,
        ]


def build_options(page: Site, side: str, name: str) -> OptionParts:
    """Lays out the controls of the network `name`; `side` tells two networks apart."""
    of = f"blocks-{side}"
    a = ARCHITECTURES[name]
    hidden = a.block == "basic"
    with gr.Row():
        shortcut = gr.Radio(
            shortcut_choices(page.initial), value=a.shortcut, elem_id=f"{of}-shortcut", visible=a.residual
        )
        page.word(
            shortcut, label="blocks.option.shortcut", info="blocks.option.shortcut_info", choices=shortcut_choices
        )
        dilation = gr.CheckboxGroup(_stages(a), value=[], elem_id=f"{of}-dilation")
        page.word(dilation, label="blocks.option.dilation", info="blocks.option.dilation_info")
        preactivation = gr.Checkbox(a.preactivation, elem_id=f"{of}-preactivation")
        page.word(preactivation, label="blocks.option.preactivation", info="blocks.option.preactivation_info")
    with gr.Row():
        stride = gr.Checkbox(a.stride_in_1x1, elem_id=f"{of}-stride", visible=not hidden)
        page.word(stride, label="blocks.option.stride_in_1x1", info="blocks.option.stride_in_1x1_info")
        groups, width = (
            page.word(
                Number(value, elem_id=f"{of}-{key}", visible=not hidden),
                label=f"blocks.option.{key}",
                info=f"blocks.option.{key}_info",
            )
            for key, value in (("groups", a.groups), ("width", a.width_per_group))
        )
        classes = page.word(
            Number(a.num_classes, elem_id=f"{of}-classes"),
            label="blocks.option.classes",
            info="blocks.option.classes_info",
        )
    return OptionParts(shortcut, preactivation, dilation, stride, groups, width, classes)


def shortcut_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"blocks.option.shortcut.{key}"), key) for key in SHORTCUTS]


def _stages(a: Architecture) -> list[tuple[str, int]]:
    """The stages whose stride dilation can replace: all but the first."""
    return [(paper_stage(a, index), index - 1) for index in range(1, len(a.depths))]


def own(name: str, **options: object) -> list[Any]:
    """Updates that set the controls to the values of the network `name`, but for `options`, and hide what it lacks."""
    a = ARCHITECTURES.get(name)
    if a is None:  # VGG-19 has none of them
        return [gr.update(visible=False) for _ in OptionParts.__dataclass_fields__]
    deep = a.block == "bottleneck"
    return [
        gr.update(value=options.get("shortcut", a.shortcut), visible=a.residual),
        gr.update(value=options.get("preactivation", a.preactivation), visible=True),
        gr.update(choices=_stages(a), value=[], visible=True),
        gr.update(value=options.get("stride_in_1x1", a.stride_in_1x1), visible=deep),
        gr.update(value=a.groups, visible=deep),
        gr.update(value=a.width_per_group, visible=deep),
        gr.update(value=a.num_classes, visible=True),
    ]


def choice(name: str, values: Sequence[Any]) -> Choice:
    """What the controls say of the network `name`. Those that are hidden for it say nothing."""
    shortcut, preactivation, dilation, stride_in_1x1, groups, width, classes = values
    a = ARCHITECTURES.get(name)
    if a is None:
        return Choice(name, {})
    given: dict[str, object] = {"preactivation": preactivation, "num_classes": classes}
    if a.residual:
        given["shortcut"] = shortcut
    if a.block == "bottleneck":
        given |= {"stride_in_1x1": stride_in_1x1, "groups": groups, "width_per_group": width}
    if dilation:
        given["replace_stride_with_dilation"] = tuple(i in dilation for i in range(len(a.depths) - 1))
    return Choice(name, {key: value for key, value in given.items() if value != getattr(a, key)})
