"""The app as a table of contents: a header with the photograph and the language, and the chapters as tabs."""

import json
from collections.abc import Sequence
from html import escape
from importlib import import_module
from types import ModuleType
from typing import Any, cast

import gradio as gr
from gradio.components.navbar import Navbar
from PIL import Image

from resnet_demo.chapters import CHAPTERS
from resnet_demo.kit.address import register, wire_address
from resnet_demo.kit.assets import asset
from resnet_demo.kit.image_input import build_photo, wire_photo
from resnet_demo.kit.layout import build_endpoint, build_page, build_shared, title
from resnet_demo.kit.listeners import QUIETLY
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.own_networks import OwnNetwork
from resnet_demo.kit.page import Control, Page
from resnet_demo.kit.request_log import LoggedBlocks
from resnet_demo.kit.site import Site
from resnet_demo.kit.tabs import Tab
from resnet_demo.kit.text import LANGUAGES, t
from resnet_demo.kit.zerogpu import home

FORMER = {"compare_cam": "gradcam", "inspector": "blocks", "calculator": "parameters"}
"""Names that chapters had before: old links keep working."""
FIRST_LANGUAGE = next(iter(LANGUAGES))
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "sans-serif"]


def theme() -> gr.themes.Base:
    """Fonts of the visitor's system: the page asks no other host for anything. Small text is legible on a projector."""
    soft = gr.themes.Soft(
        primary_hue="indigo", neutral_hue="slate", font=FONTS, font_mono=["ui-monospace", "monospace"]
    )
    return soft.set(
        body_text_color_subdued="*neutral_500",
        block_label_text_color="*primary_600",
        block_title_text_color="*primary_600",
    )


def build(
    device: str = "auto",
    photo: Image.Image | None = None,
    pair: Sequence[str] = (),
    own: tuple[OwnNetwork, ...] = (),
) -> gr.Blocks:
    """The app, ready to launch: a site in each language, the first one at `/`, the others at `/<language>`.

    `photo` and `pair`, one network or two by key, are what it opens with; networks of one's
    `own` join those of the project in every chapter. Raises CheckpointError for an unknown key.
    """
    networks = Networks(home(device), own)
    for key in pair:
        networks.get(key)
    with LoggedBlocks(title=t(FIRST_LANGUAGE, "app.title"), analytics_enabled=False, fill_width=True) as demo:
        build_site(demo, networks, FIRST_LANGUAGE, photo, pair)
    for language, name in LANGUAGES.items():
        if language != FIRST_LANGUAGE:
            with demo.route(name, language):
                build_site(demo, networks, language, photo, pair)
    return demo


def build_site(
    demo: gr.Blocks, networks: Networks, language: str, first: Image.Image | None, chosen: Sequence[str]
) -> Site:
    """Everything that a visitor sees in one language."""
    Navbar(visible=False)
    with gr.Row(elem_id="header", equal_height=True):
        gr.HTML(brand(language), elem_id="brand", scale=0)
        pair = gr.Dropdown(
            networks.pairs,
            value=next((key for _, key in networks.pairs), None),
            label=t(language, "app.pair"),
            container=False,
            elem_id="pair",
            filterable=False,
            interactive=True,
            scale=0,
        )
        gr.HTML(tools(language), elem_id="tools", scale=0)
    spoken = gr.Radio([*LANGUAGES], value=language, visible=False, label="language", elem_id="language")
    with gr.Column(elem_id="drawer"):
        photo = build_photo(language, first)
    tabs = gr.Tabs(elem_id="tabs", render=False)
    site = Site(
        networks,
        language,
        spoken,
        photo,
        pair,
        tuple(chosen) or networks.keys[:2],
        demo.load,
        demo.unload,
        tabs,
        language == FIRST_LANGUAGE,
        CHAPTERS,
    )
    wire_photo(photo)
    photo.photo.change(
        None, photo.photo, None, js="(photo) => { window.resnet.thumbnail(photo); window.resnet.changed(); }"
    )
    tabs.render()
    with tabs:
        for name in CHAPTERS:
            with gr.Tab(t(language, f"{name}.title"), id=name, elem_id=f"tab-{name}") as opened:
                build_chapter(demo, site, name)
            opened.select(None, None, None, js=f'() => window.resnet.opened("{name}")')
    for finish in site.finishing:
        finish()
    wire_pair(site)
    wire_address(site)
    demo.load(first_tab, None, tabs, **QUIETLY)
    start = f'(photo) => {{ window.resnet.start("{language}", "{CHAPTERS[0]}"); window.resnet.thumbnail(photo); }}'
    begun = demo.load(None, photo.photo, None, js=start)
    restored = begun.then(None, None, photo.photo, js="() => window.resnet.restored()")
    restored.then(None, None, None, js="() => window.resnet.begin()")
    return site


def wire_pair(site: Site) -> None:
    """Another pair in the header is another pair in every chapter."""
    values = {"both": "[key, twin]", "residual": "key", "plain": "twin"}
    parts = ", ".join(values[part] for _, part in site.followers)
    follow = f'(key) => {{ const twin = key.replace(/^resnet/, "plain"); return [{parts}]; }}'
    changed = site.pair.input(None, site.pair, [control for control, _ in site.followers], js=follow)
    changed.then(None, None, None, js="() => window.resnet.changed()")


def build_chapter(demo: gr.Blocks, site: Site, name: str) -> None:
    """A chapter's pages as tabs of their own, and its endpoint."""
    chapter = import_module(f"resnet_demo.chapters.{name}")
    if not hasattr(chapter, "PAGES"):
        tab = cast(Tab, import_module(f"resnet_demo.chapters.{name}.tab"))
        site.ready = site.wake(name)
        before = set(demo.blocks)
        parts = tab.build(site)
        built = [block for key, block in demo.blocks.items() if key not in before]
        register(site, name, built)
        for one in (block for block in built if isinstance(block, gr.Tab)):
            one.select(None, None, None, js=f'() => window.resnet.opened("{name}", "{one.id}", true)')
        tab.wire(site, parts)
        return
    shared = build_shared(site, name, _shared(chapter))
    with gr.Tabs(elem_id=f"{name}-pages"):
        for one in chapter.PAGES:
            module = import_module(f"resnet_demo.chapters.{name}.pages.{one}")
            page: Page | None = getattr(module, "PAGE", None)
            label = title(site.initial, name, page) if page else t(site.initial, f"{name}.{one}.title")
            with gr.Tab(label, id=one, elem_id=f"{name}-page-{one}") as opened:
                if page:
                    build_page(site, name, page, shared)
                else:  # a page that builds itself
                    module.build(site)
            names = json.dumps([*shared])
            opened.select(None, None, None, js=f'() => window.resnet.opened("{name}", "{one}", {names})')
    offered = import_module(f"resnet_demo.chapters.{name}.endpoint")
    for endpoint in getattr(offered, "ENDPOINTS", None) or (offered.ENDPOINT,):
        build_endpoint(site, endpoint)


def _shared(chapter: ModuleType) -> Sequence[Control]:
    """The controls that a chapter's pages share: `CONTROLS` of the module that it names."""
    if not hasattr(chapter, "SHARED"):
        return ()
    controls: Sequence[Control] = import_module(f"{chapter.__name__}.pages.{chapter.SHARED}").CONTROLS
    return controls


def brand(language: str) -> str:
    """The app's name, and the photo as a button that opens the drawer where another is chosen."""
    photo = escape(t(language, "app.photo"))
    return (
        f"<h1>{escape(t(language, 'app.title'))}</h1>"
        '<button type="button" id="photo-chip" aria-expanded="false" aria-controls="drawer" '
        f'onclick="window.resnet.drawer()"><img alt=""><span>{photo}</span></button>'
    )


def tools(language: str) -> str:
    """Large type, light or dark, and a link to the same place in the other language."""
    links = "".join(
        f'<a data-language="{other}" data-href="./{"" if other == FIRST_LANGUAGE else other}" '
        f'href="./{f"?lang={other}" if other == FIRST_LANGUAGE else other}" lang="{other}">{escape(name)}</a>'
        for other, name in LANGUAGES.items()
        if other != language
    )
    buttons = "".join(
        f'<button type="button" onclick="window.resnet.{name}()" title="{escape(t(language, f"app.{name}"))}" '
        f'aria-label="{escape(t(language, f"app.{name}"))}">{sign}</button>'
        for name, sign in (("projector", "A⁺"), ("dark", "◐"))
    )
    return f'{buttons}<nav aria-label="{escape(t(language, "app.language"))}">{links}</nav>'


def head() -> str:
    """The scripts of the whole app, for the page's head."""
    return "".join(f"<script>{asset(f'kit/static/{name}')}</script>" for name in ("shell.js", "uploads.js", "photo.js"))


def first_tab(request: gr.Request) -> Any:
    """The chapter of the address (?tab=blocks), else the first one."""
    name = request.query_params.get("tab", "")
    name = FORMER.get(name, name)
    return gr.Tabs(selected=name) if name in CHAPTERS else gr.skip()
