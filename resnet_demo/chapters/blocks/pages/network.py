"""Table and diagram: the page of any network, of two of them, and of the paper's Fig. 3."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from resnet_demo.chapters.blocks import layers, rows
from resnet_demo.chapters.blocks.formats import as_csv, as_json, as_markdown
from resnet_demo.chapters.blocks.input_size import USUAL_SIDE
from resnet_demo.chapters.blocks.pages.network_views import detail, one, paper_figure, rows_of, two
from resnet_demo.chapters.blocks.pages.options import OptionParts, build_options, choice, own
from resnet_demo.chapters.blocks.vgg import VGG
from resnet_demo.kit.address import register
from resnet_demo.kit.assets import asset
from resnet_demo.kit.controls import Slider
from resnet_demo.kit.display_names import title
from resnet_demo.kit.layout import opening
from resnet_demo.kit.listeners import AT_ONCE, QUIETLY, bound
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES

SMALLEST, LARGEST = 16, 512
"""It starts below 32, because there VGG-19 halves its map to nothing: the rule can be met, and is said."""
VIEWS = ("one", "two", "figure3")
FIRST_BLOCK = "layer1.0"
OPTIONS = len(OptionParts.__dataclass_fields__)
Pair = tuple[tuple[str, dict[str, object]], tuple[str, dict[str, object]]]
PRESETS: dict[str, Pair] = {
    "plain": (("resnet18", {}), ("plain18", {})),
    "stride": (("resnet50", {"stride_in_1x1": True}), ("resnet50", {})),
    "vgg": (("resnet34", {}), (VGG, {})),
}
EXPORTS: dict[str, tuple[str, str, Callable[..., str]]] = {
    "csv": ("CSV", "text/csv", as_csv),
    "md": ("Markdown", "text/markdown", as_markdown),
    "json": ("JSON", "application/json", as_json),
}
CODE_BEHIND = (layers.stack, rows.rows_of)


@dataclass(frozen=True)
class Parts:
    view: gr.Radio
    presets: dict[str, gr.Button]
    first: gr.Column
    second: gr.Column
    third: gr.Column
    names: tuple[gr.Dropdown, gr.Dropdown]
    options: tuple[OptionParts, OptionParts]
    size: Slider
    diagram: gr.HTML
    near: gr.Column
    detail: gr.HTML
    chosen: gr.State
    settled: gr.State
    saves: gr.Row
    exports: dict[str, gr.Button]
    file: gr.HTML
    table: gr.HTML

    @property
    def asked(self) -> list[Any]:
        """What says which networks are meant: names with their options, in turn."""
        (a, b), (of_a, of_b) = self.names, self.options
        return [a, *of_a.controls, b, *of_b.controls]


def build(page: Site) -> None:
    """Lays the page out and wires it."""
    gr.HTML(opening(page.initial, "blocks", "network"))
    parts = lay_out(page)
    register(page, "blocks", [parts.view, *parts.asked, parts.size])
    wire(page, parts)


def lay_out(page: Site) -> Parts:
    views = gr.Radio(view_choices(page.initial), value="one", elem_id="blocks-view", show_label=False, container=False)
    with gr.Row(elem_id="blocks-choices"):
        view = page.word(views, choices=view_choices)
        presets = {
            key: page.word(gr.Button(size="sm", elem_id=f"blocks-preset-{key}"), value=partial(preset_name, key=key))
            for key in PRESETS
        }
    with gr.Row():
        with gr.Column(min_width=280, elem_id="blocks-first") as first:
            name_a, options_a = _network(page, "a", "resnet18")
        with gr.Column(min_width=280, visible=False, elem_id="blocks-second") as second:
            name_b, options_b = _network(page, "b", "plain18")
        with gr.Column(min_width=280, elem_id="blocks-third") as third:
            size = page.word(
                Slider(SMALLEST, LARGEST, value=224, step=1, elem_id="blocks-size"),
                label="blocks.size",
                info="blocks.size_info",
            )
    drawn, tables = one(page.initial, choice("resnet18", _own_values("resnet18")), 224)
    script = asset("chapters/blocks/pages/network.js")
    with gr.Row():
        with gr.Column(scale=5, min_width=320):
            diagram = gr.HTML(drawn, js_on_load=script, elem_id="blocks-diagram")
        with gr.Column(scale=2, min_width=330, elem_id="blocks-near") as near:
            found = gr.HTML(
                detail(page.initial, choice("resnet18", _own_values("resnet18")), 224, FIRST_BLOCK),
                elem_id="blocks-detail",
            )
    with gr.Row(elem_id="blocks-exports") as saves:
        exports = {
            key: page.word(gr.Button(size="sm", elem_id=f"blocks-export-{key}"), value=partial(export_name, key=key))
            for key in EXPORTS
        }
    file = gr.HTML(html_template="", js_on_load=asset("kit/static/download.js"), elem_id="blocks-file")
    table = gr.HTML(tables, js_on_load=script, elem_id="blocks-table")
    return Parts(
        view,
        presets,
        first,
        second,
        third,
        (name_a, name_b),
        (options_a, options_b),
        size,
        diagram,
        near,
        found,
        gr.State(FIRST_BLOCK),
        gr.State(0),
        saves,
        exports,
        file,
        table,
    )


def _network(page: Site, side: str, name: str) -> tuple[gr.Dropdown, OptionParts]:
    """A network's name, and its options folded away."""
    known = [*ARCHITECTURES, *([VGG] if side == "b" else [])]
    choices = [(title(key), key) for key in known]
    box = gr.Dropdown(choices, value=name, elem_id="blocks-name" if side == "a" else "blocks-other")
    page.word(box, label="blocks.architecture" if side == "a" else "blocks.other")
    with page.word(gr.Accordion(open=False, elem_id=f"blocks-{side}-options"), label="blocks.options"):
        options = build_options(page, side, name)
    return box, options


def _own_values(name: str) -> list[Any]:
    return [update["value"] for update in own(name)]


def view_choices(language: str) -> list[tuple[str, str]]:
    return [(t(language, f"blocks.view.{key}"), key) for key in VIEWS]


def preset_name(language: str, key: str) -> str:
    """Both networks' names, or what tells two of one name apart."""
    (a, _), (b, _) = PRESETS[key]
    return t(language, "blocks.preset.stride") if a == b else f"{title(a)} | {title(b)}"


def export_name(language: str, key: str) -> str:
    return t(language, "blocks.export", format=EXPORTS[key][0])


def wire(page: Site, parts: Parts) -> None:
    inputs = [parts.view, parts.size, *parts.asked, page.language]
    outputs = [parts.diagram, parts.table]
    (name_a, name_b), (options_a, options_b) = parts.names, parts.options
    places = [parts.first, parts.second, parts.third, parts.near, parts.saves]
    settled = parts.settled
    name_a.select(
        adopt,
        [name_a, parts.size, settled],
        [parts.size, *options_a.controls, settled],
        trigger_mode="multiple",
        **QUIETLY,
    )
    name_b.select(
        adopt,
        [name_b, parts.size, settled],
        [parts.size, *options_b.controls, settled],
        trigger_mode="multiple",
        **QUIETLY,
    )
    parts.view.input(places_of, [parts.view, settled], [*places, settled], trigger_mode="multiple", **QUIETLY)
    asked = [parts.view, parts.size, *parts.asked, *places, settled]
    for key, button in parts.presets.items():
        button.click(bound(pair, key), settled, asked, trigger_mode="multiple", **QUIETLY)
    options = [control.input for control in (*options_a.controls, *options_b.controls)]
    again = [settled.change, parts.size.change, *options]
    drawn = page.draws(again, render, inputs, *outputs)
    parts.diagram.select(picked, None, parts.chosen, trigger_mode="multiple", **QUIETLY)  # the keys are fast
    of_first = [name_a, parts.size, *options_a.controls]
    about = [parts.chosen, *of_first, page.language]
    page.draws([parts.chosen.change], near, about, parts.detail)
    drawn.then(near, about, parts.detail, trigger_mode="always_last", **AT_ONCE)
    for key, button in parts.exports.items():
        button.click(bound(export, key), [*of_first, page.language], parts.file, **AT_ONCE)


def adopt(name: str, size: int, settled: int) -> list[Any]:
    """The options and the picture's side that a network was made for; `settled` counts, so that all is drawn once."""
    return [native_size(name, size), *own(name), settled + 1]


def native_size(name: str, size: int) -> Any:
    """The picture side that a network was made for, in place of another network's. A side of one's own stays."""
    if name == VGG:
        return gr.skip() if size == USUAL_SIDE["imagenet"] else USUAL_SIDE["imagenet"]
    native = USUAL_SIDE[ARCHITECTURES[name].stem]
    return native if size in USUAL_SIDE.values() and size != native else gr.skip()


def places_of(view: str, settled: int) -> list[Any]:
    """Which parts of the page a view needs: the networks' controls, the block from near, the exports."""
    shown = (view != "figure3", view == "two", view != "figure3", view == "one", view == "one")
    return [*(gr.update(visible=visible) for visible in shown), settled + 1]


def pair(key: str, settled: int) -> list[Any]:
    """Two networks that are worth comparing, beside each other."""
    (a, given_a), (b, given_b) = PRESETS[key]
    return ["two", USUAL_SIDE["imagenet"], a, *own(a, **given_a), b, *own(b, **given_b), *places_of("two", settled)]


def render(view: str, size: int, *asked: Any) -> tuple[str, str]:
    """The drawing and the tables as HTML, or what went wrong. `asked` are both networks, and the language."""
    *values, language = asked
    a, b = choice(values[0], values[1 : OPTIONS + 1]), choice(values[OPTIONS + 1], values[OPTIONS + 2 :])
    if view == "figure3":
        return paper_figure(language)
    return two(language, (a, b), size) if view == "two" else one(language, a, size)


def picked(event: gr.EventData) -> str:
    """The name of the block that was chosen in the drawing or in the table."""
    return str(getattr(event, "index", ""))[:100]


def near(block: str, name: str, size: int, *asked: Any) -> str:
    """The chosen block from near."""
    *values, language = asked
    return detail(language, choice(name, values), size, block)


def export(kind: str, name: str, size: int, *asked: Any) -> dict[str, str]:
    """The table as a file for the browser to save."""
    *values, language = asked
    chosen = choice(name, values)
    counted = answer(language, attempt(rows_of, chosen, size))
    _, media, write = EXPORTS[kind]
    more = {"name": name, "size": size, "options": chosen.options} if kind == "json" else {}
    return {"file": f"{name}-{size}.{kind}", "type": media, "text": write(counted, **more)}
