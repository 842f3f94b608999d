"""How `make_shortcut` decides which shortcut a block gets, and what the containers of torch are for."""

import inspect

from resnet_demo.chapters.blocks.containers import containers
from resnet_demo.chapters.blocks.pages.anysize import names
from resnet_demo.chapters.blocks.pages.options import shortcut_choices
from resnet_demo.chapters.blocks.pages.table_cells import stage_class
from resnet_demo.chapters.blocks.shortcut_decision import Decision, decisions
from resnet_demo.kit.display_names import title
from resnet_demo.kit.html import html, summary
from resnet_demo.kit.listeners import AT_ONCE
from resnet_demo.kit.page import Built, Output, Page, dropdown, radio
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES
from resnet_demo.models.resnet import make_shortcut

LINES = {
    "list": "self.layers = [conv, conv]",
    "ModuleList": "self.layers = nn.ModuleList([conv, conv])",
    "Sequential": "self.layers = nn.Sequential(conv, conv)",
}


def compute(name: str, shortcut: str) -> tuple[str, tuple[Decision, ...]]:
    """Raises ArchitectureError."""
    return name, decisions(name, shortcut=shortcut)


def draw(result: tuple[str, tuple[Decision, ...]], language: str) -> tuple[str, str, str]:
    """In how many stages the shapes match; a card for each stage; the code that decides, and the containers."""
    name, stages = result
    same = sum(stage.same_shape for stage in stages)
    answer = t(language, "blocks.decision.answer", network=title(name), same=same, all=len(stages))
    cards = html("chapters/blocks/pages/decision.html", language, stages=stages, stage_class=stage_class)
    code = inspect.getsource(make_shortcut).rstrip()
    more = html("chapters/blocks/pages/containers.html", language, code=code, held=containers(), lines=LINES)
    return summary(answer), cards, more


def wire(built: Built) -> None:
    """Another network comes with the option that it is built with."""
    name, shortcut = built.controls["name"], built.controls["shortcut"]
    name.select(own_shortcut, name, shortcut, trigger_mode="multiple", **AT_ONCE)  # type: ignore[attr-defined]


def own_shortcut(name: str) -> str:
    return ARCHITECTURES[name].shortcut


PAGE = Page(
    "decision",
    compute,
    draw,
    controls=(
        dropdown("name", names, "resnet50", label="blocks.architecture"),
        radio("shortcut", lambda site: shortcut_choices(site.initial), "B", label="blocks.option.shortcut"),
    ),
    outputs=(Output("answer"), Output("stages"), Output("code", folded=True)),
    code=(decisions,),
    wire=wire,
)
