"""The options of a network as controls: those that its blocks can take, at its own values when it is chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from resnet_demo.kit.page import Control, checkbox, checkboxes, number, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES

SHORTCUTS = ("A", "B", "C")
DILATED = (0, 1, 2)
"""Stages whose stride dilation can replace, counted from the second."""
OF_BOTTLENECKS = ("stride_in_1x1", "groups", "width_per_group")


@dataclass(frozen=True)
class Choice:
    """A network and the options that differ from its own."""

    name: str
    options: dict[str, object]


def own(name: str) -> dict[str, Any]:
    """What the controls hold for the network `name` as it is, in their order; nothing for VGG-19."""
    a = ARCHITECTURES.get(name)
    if a is None:
        return {}
    return {
        "shortcut": a.shortcut,
        "dilation": [],
        "preactivation": a.preactivation,
        "stride_in_1x1": a.stride_in_1x1,
        "groups": a.groups,
        "width_per_group": a.width_per_group,
        "num_classes": a.num_classes,
    }


def option_controls(name: str, prefix: str = "") -> Iterator[Control]:
    """The controls of a network that is `name` at first; `prefix` tells two networks' apart."""
    for option, value in own(name).items():
        key = f"blocks.option.{option}"
        more: dict[str, Any] = {"label": key, "info": f"{key}_info", "folded": True}
        if option == "shortcut":
            yield radio(prefix + option, lambda site: shortcut_choices(site.initial), value, **more)
        elif option == "dilation":
            yield checkboxes(prefix + option, stage_choices, value, **more)
        elif isinstance(value, bool):
            yield checkbox(prefix + option, value, **more)
        else:
            yield number(prefix + option, value, **more)


def shortcut_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"blocks.option.shortcut.{key}"), key) for key in SHORTCUTS]


def stage_choices(site: Site) -> list[tuple[str, int]]:
    return [(t(site.initial, "blocks.option.dilation.stage", number=2 + index), index) for index in DILATED]


def lacking(name: str) -> list[str]:
    """The options that a network does not have: the page hides their controls."""
    a = ARCHITECTURES.get(name)
    if a is None:
        return list(own("resnet18"))
    return [*([] if a.residual else ["shortcut"]), *([] if a.block == "bottleneck" else OF_BOTTLENECKS)]


def choice(name: str, values: Mapping[str, Any]) -> Choice:
    """What the controls say of the network `name`. Those that are hidden for it say nothing."""
    given = {option: values[option] for option in own(name) if option not in lacking(name)}
    stages = given.pop("dilation", [])
    if stages:  # as many flags as the last one needs: too many are refused in words
        count = max(len(ARCHITECTURES[name].depths) - 1, 1 + max(stages))
        given["replace_stride_with_dilation"] = tuple(index in stages for index in range(count))
    return Choice(name, {key: value for key, value in given.items() if value != getattr(ARCHITECTURES[name], key)})
