"""Table and diagram: the page of any network, of two of them, and of the paper's Fig. 3."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from resnet_demo.chapters.blocks import layers, rows
from resnet_demo.chapters.blocks.formats import as_csv, as_json, as_markdown
from resnet_demo.chapters.blocks.input_size import USUAL_SIDE
from resnet_demo.chapters.blocks.pages.network_views import detail, one, paper_figure, rows_of, two
from resnet_demo.chapters.blocks.pages.options import Choice, choice, lacking, option_controls, own
from resnet_demo.chapters.blocks.vgg import VGG
from resnet_demo.kit.assets import asset
from resnet_demo.kit.display_names import title
from resnet_demo.kit.listeners import AT_ONCE, QUIETLY, bound
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.page import Built, Output, Page, Preset, dropdown, radio, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES

SMALLEST, LARGEST = 16, 512
"""It starts below 32, because there VGG-19 halves its map to nothing: the rule can be met, and is said."""
VIEWS = ("one", "two", "figure3")
FIRST_BLOCK = "layer1.0"
SCRIPT = {"js_on_load": asset("chapters/blocks/pages/network.js")}
EXPORTS: dict[str, tuple[str, str, Callable[..., str]]] = {
    "csv": ("CSV", "text/csv", as_csv),
    "md": ("Markdown", "text/markdown", as_markdown),
    "json": ("JSON", "application/json", as_json),
}


@dataclass(frozen=True)
class Shown:
    """What is asked for: a view of one network or two, and the block that is chosen."""

    view: str
    size: int
    networks: tuple[Choice, Choice]
    chosen: str


def compute(view: str, name: str, other: str, size: int, chosen: str = FIRST_BLOCK, **values: Any) -> Shown:
    """Raises ArchitectureError and CountError."""
    of_other = {key.removeprefix("other_"): value for key, value in values.items() if key.startswith("other_")}
    shown = Shown(view, size, (choice(name, values), choice(other, of_other)), chosen)
    for network in shown.networks[: VIEWS.index(view) + 1] if view != "figure3" else ():
        rows_of(network, size)
    return shown


def draw(shown: Shown, language: str) -> tuple[str, str, str, str, str]:
    """The answer, the drawing, the chosen block from near, the tables, and which block is chosen."""
    first, near = shown.networks[0], ""
    if shown.view == "figure3":
        said, drawing, tables = paper_figure(language)
    elif shown.view == "two":
        said, drawing, tables = two(language, shown.networks, shown.size)
    else:
        said, drawing, tables = one(language, first, shown.size)
        near = detail(language, first, shown.size, shown.chosen)
    return _marked(shown) + Markup(said), drawing, near, tables, shown.chosen


def _marked(shown: Shown) -> Markup:
    """For the style: the view, and the options that its networks do not have."""
    a, b = shown.networks
    absent = [*lacking(a.name), *(f"other_{option}" for option in lacking(b.name))]
    return Markup('<i hidden class="network-view {}" data-lacks="{}"></i>').format(shown.view, " ".join(absent))


def view_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"blocks.view.{key}"), key) for key in VIEWS]


def names(_: Site) -> list[tuple[str, str]]:
    return [(title(key), key) for key in ARCHITECTURES]


def names_with_vgg(site: Site) -> list[tuple[str, str]]:
    return [*names(site), (title(VGG), VGG)]


def pair(key: str, a: str, b: str, **given: object) -> Preset:
    """Two networks that are worth comparing, beside each other; `given` are options of the first."""
    others = {f"other_{option}": value for option, value in own(b).items()}
    values = {"view": "two", "size": USUAL_SIDE["imagenet"], "name": a, "other": b, **own(a), **given, **others}
    if a == b:
        return Preset(key, f"blocks.preset.{key}", values)
    return Preset(key, f"{title(a)} | {title(b)}", values, is_proper_name=True)


def wire(built: Built) -> None:
    """A network comes with its own options and size; a block is chosen in the drawing; the table is saved."""
    size, controls = built.controls["size"], built.controls
    for which, prefix in (("name", ""), ("other", "other_")):
        set_by_it = [size, *(controls[prefix + option] for option in own("resnet18"))]
        controls[which].select(adopt, [controls[which], size], set_by_it, trigger_mode="multiple", **QUIETLY)  # type: ignore[attr-defined]
    of_first = [controls[name] for name in ("name", "size", *own("resnet18"))]
    chosen, closeup = built.outputs["chosen"], built.outputs["detail"]
    built.outputs["diagram"].select(picked, None, chosen, trigger_mode="multiple", **QUIETLY)  # type: ignore[attr-defined]
    show = bound(near, built.site.initial)
    chosen.change(show, [chosen, *of_first], closeup, trigger_mode="always_last", **AT_ONCE)  # type: ignore[attr-defined]
    file = gr.HTML(html_template="", js_on_load=asset("kit/static/download.js"), elem_id="blocks-network-file")
    with gr.Row(elem_id="blocks-network-exports", elem_classes="downloads"):
        for kind, (label, _, _) in EXPORTS.items():
            words = t(built.site.initial, "blocks.export", format=label)
            button = gr.Button(words, size="sm", elem_id=f"blocks-network-export-{kind}")
            button.click(bound(export, kind, built.site.initial), of_first, file, **AT_ONCE)


def adopt(name: str, size: int) -> list[Any]:
    """The picture's side and the options that a network was made for."""
    return [native_size(name, size), *(own(name).values() or [gr.skip()] * len(own("resnet18")))]


def native_size(name: str, size: int) -> Any:
    """The picture side that a network was made for, in place of another network's. A side of one's own stays."""
    if name == VGG:
        return gr.skip() if size == USUAL_SIDE["imagenet"] else USUAL_SIDE["imagenet"]
    native = USUAL_SIDE[ARCHITECTURES[name].stem]
    return native if size in USUAL_SIDE.values() and size != native else gr.skip()


def picked(event: gr.EventData) -> str:
    """The name of the block that was chosen in the drawing or in the table."""
    return str(getattr(event, "index", ""))[:100]


def near(language: str, block: str, name: str, size: int, *values: Any) -> str:
    """The chosen block from near; nothing while the network cannot be drawn."""
    found = attempt(detail, language, choice(name, dict(zip(own("resnet18"), values, strict=True))), size, block)
    return found if isinstance(found, str) else ""


def export(kind: str, language: str, name: str, size: int, *values: Any) -> dict[str, str]:
    """The table as a file for the browser to save."""
    network = choice(name, dict(zip(own("resnet18"), values, strict=True)))
    counted = answer(language, attempt(rows_of, network, size))
    _, media, write = EXPORTS[kind]
    more = {"name": name, "size": size, "options": network.options} if kind == "json" else {}
    return {"file": f"{name}-{size}.{kind}", "type": media, "text": write(counted, **more)}


PAGE = Page(
    "network",
    compute,
    draw,
    controls=(
        dropdown("name", names, "resnet18", label="blocks.architecture"),
        dropdown("other", names_with_vgg, "plain18", label="blocks.other"),
        slider("size", SMALLEST, LARGEST, USUAL_SIDE["imagenet"], label="blocks.size", info="blocks.size_info"),
        radio("view", view_choices, "one", label="blocks.view"),
        *option_controls("resnet18"),
        *option_controls("plain18", "other_"),
    ),
    outputs=(
        Output("answer"),
        Output("diagram", options=SCRIPT),
        Output("detail"),
        Output("table", options=SCRIPT),
        Output("chosen", gr.State, options={"value": FIRST_BLOCK}),
    ),
    presets=(
        pair("plain", "resnet18", "plain18"),
        pair("stride", "resnet50", "resnet50", stride_in_1x1=True),
        pair("vgg", "resnet34", VGG),
    ),
    code=(layers.stack, rows.rows_of),
    wire=wire,
)
