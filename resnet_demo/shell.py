"""The app as a table of contents: a header with the photograph and the language, and the chapters as tabs."""

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType

import gradio as gr
from gradio.components import Component
from gradio.components.navbar import Navbar
from PIL import Image
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resnet_demo.chapters import CHAPTERS
from resnet_demo.kit import glossary
from resnet_demo.kit.address import wire_address
from resnet_demo.kit.assets import asset
from resnet_demo.kit.header import brand, notes, share, tools
from resnet_demo.kit.image_input import build_photo, wire_photo
from resnet_demo.kit.layout import build_endpoint, build_page, build_shared, title
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.own_networks import OwnNetwork
from resnet_demo.kit.page import Page
from resnet_demo.kit.real_photographs import build_picker, wire_picker
from resnet_demo.kit.request_log import LoggedBlocks
from resnet_demo.kit.site import Site
from resnet_demo.kit.source import code_behind, fold
from resnet_demo.kit.text import LANGUAGES, t
from resnet_demo.kit.visitors import Visitors
from resnet_demo.kit.zerogpu import home
from resnet_demo.lesson.frame import LESSON, invitation, navigation

MOVED = 'addEventListener("popstate", () => element.isConnected && trigger("submit"));'
"""Back and Forward, as an event that sets the controls of the open page."""
FIRST_LANGUAGE = next(iter(LANGUAGES))
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "sans-serif"]


def theme() -> gr.themes.Base:
    """Fonts of the visitor's system: the page asks no other host for anything. Its type grows with the window."""
    sizes = (f"{size}rem" for size in (0.64, 0.75, 0.82, 0.92, 1.05, 1.35, 1.6))
    soft = gr.themes.Soft(
        primary_hue="indigo",
        neutral_hue="slate",
        text_size=gr.themes.Size(*sizes),
        font=FONTS,
        font_mono=["ui-monospace", "monospace"],
    )
    legible = {  # white on indigo at least 4.5 : 1, and an unchecked box that can be seen
        "checkbox_label_background_fill_selected": "*primary_600",
        "button_primary_background_fill": "*primary_600",
        "button_primary_background_fill_hover": "*primary_700",
        "checkbox_border_color": "*neutral_400",
    }
    return soft.set(
        color_accent="*primary_600",
        body_text_color_subdued="*neutral_500",
        block_label_text_color="*primary_700",
        block_title_text_color="*primary_700",
        checkbox_border_color_dark="*neutral_400",
        checkbox_label_text_color_selected_dark="white",
        button_primary_background_fill_hover_dark="*primary_700",
        **legible,
    )


def build(
    device: str = "auto",
    photo: Image.Image | None = None,
    pair: Sequence[str] = (),
    own: tuple[OwnNetwork, ...] = (),
    address: str | None = None,
) -> gr.Blocks:
    """The app, ready to launch: a site in each language, the first one at `/`, the others at `/<language>`.

    `photo` and `pair`, one network or two by key, are what it opens with; networks of one's
    `own` join those of the project in every chapter; `address` is shown to a class that should open it. Raises
    CheckpointError for an unknown key.
    """
    visitors = Visitors.expected()
    networks = Networks(home(device), own, visitors)
    for key in pair:
        networks.get(key)
    with LoggedBlocks(title=t(FIRST_LANGUAGE, "app.title"), analytics_enabled=False, fill_width=True) as demo:
        build_site(demo, networks, FIRST_LANGUAGE, photo, pair, address)
    demo.visitors = visitors
    for language, name in LANGUAGES.items():
        if language != FIRST_LANGUAGE:
            with demo.route(name, language):
                build_site(demo, networks, language, photo, pair, address)
    return demo


def build_site(
    demo: gr.Blocks,
    networks: Networks,
    language: str,
    first: Image.Image | None,
    chosen: Sequence[str],
    address: str | None,
) -> Site:
    """Everything that a visitor sees in one language."""
    Navbar(visible=False)
    with gr.Row(elem_id="header", equal_height=True):
        gr.HTML(brand(language), elem_id="brand")
        pair = gr.Dropdown(
            networks.pairs,
            value=next((key for _, key in networks.pairs), None),
            label=t(language, "app.pair"),
            container=False,
            elem_id="pair",
            filterable=False,
            interactive=True,
        )
        gr.HTML(tools(language, address), elem_id="tools")
    gr.HTML(notes(language), elem_id="notes")
    spoken = gr.Radio([*LANGUAGES], value=language, visible=False, label="language", elem_id="language")
    with gr.Column(elem_id="drawer"):
        photo = build_photo(language, first)
        picker = build_picker(language)
    tabs = gr.Tabs(selected=CHAPTERS[0], elem_id="tabs", overflow_behavior="wrap", render=False)
    site = Site(
        networks,
        language,
        spoken,
        photo,
        pair,
        tuple(chosen) or networks.keys[:2],
        demo.load,
        demo.unload,
        language == FIRST_LANGUAGE,
    )
    site.offers.append((pair, lambda site: site.networks.pairs))
    wire_photo(photo)
    if picker:
        wire_picker(site, picker)
    photo.photo.change(
        None, photo.photo, None, js="(photo) => { window.resnet.thumbnail(photo); window.resnet.changed(); }"
    )
    tabs.render()
    with tabs:
        with gr.Tab(t(language, "lesson.title"), id=LESSON, elem_id=f"tab-{LESSON}") as opened:
            gr.HTML(navigation(language), elem_id="lesson-navigation", js_on_load="window.lesson.start(element);")
            build_pages(site, LESSON, import_module(f"resnet_demo.{LESSON}"))
        opened.select(None, None, None, js=f'() => window.resnet.opened("{LESSON}")')
        for name in CHAPTERS:
            with gr.Tab(t(language, f"{name}.title"), id=name, elem_id=f"tab-{name}") as opened:
                gr.HTML(invitation(language, name), elem_classes="invitation")
                build_chapter(site, name)
            opened.select(None, None, None, js=f'() => window.resnet.opened("{name}")')
    for finish in site.finishing:
        finish()
    gr.HTML(share(language), elem_id="share")
    moved = gr.HTML(js_on_load=MOVED, elem_id="history", elem_classes="wake").submit
    wire_pair(site)
    wire_address(site, moved)
    start = (
        f"async (photo) => {{ window.resnet.thumbnail(photo); "
        f'await window.resnet.start("{language}", {json.dumps([*CHAPTERS, LESSON])}); }}'
    )
    begun = demo.load(None, photo.photo, None, js=start)
    restored = begun.then(None, None, photo.photo, js="() => window.resnet.restored()")
    restored.then(None, None, None, js="() => window.resnet.begin()")
    return site


def wire_pair(site: Site) -> None:
    """Another pair in the header is another pair in every chapter, and in the address."""
    followers = json.dumps([[part, control.elem_id, name] for control, part, name in site.followers])
    follow = f"(key) => window.resnet.pair(key, {json.dumps(site.pair.value)}, {followers})"
    changed = site.pair.change(None, site.pair, [control for control, *_ in site.followers], js=follow)
    changed.then(None, None, None, js="() => window.resnet.changed()")
    known = [None, None, "pair", "one", [key for _, key in site.networks.pairs], site.pair.value]
    site.settings.append((known, site.pair))


def build_chapter(site: Site, name: str) -> None:
    """A chapter's pages as tabs of their own, and its endpoint."""
    build_pages(site, name, import_module(f"resnet_demo.chapters.{name}"))
    offered = import_module(f"resnet_demo.chapters.{name}.endpoint")
    for endpoint in getattr(offered, "ENDPOINTS", None) or (offered.ENDPOINT,):
        build_endpoint(site, endpoint)


def build_pages(site: Site, name: str, package: ModuleType) -> None:
    """The pages of a chapter or of the lesson as tabs of their own."""
    shared = build_question(site, name, package)
    pages = {one: page_of(package, one) for one in package.PAGES}
    if len(pages) == 1:  # a bar of one tab would offer no choice
        ((one, only),) = pages.items()
        build_with_code(site, name, one, only, shared)
        return
    with gr.Tabs(elem_id=f"{name}-pages", overflow_behavior="wrap"):
        for one, page in pages.items():
            with gr.Tab(title(site.initial, name, page), id=one, elem_id=f"{name}-page-{one}") as opened:
                build_with_code(site, name, one, page, shared)
            opened.select(None, None, None, js=f'() => window.resnet.opened("{name}", "{one}")')


def page_of(package: ModuleType, name: str) -> Page:
    """What a page of a chapter declares."""
    declared: Page = import_module(f"{package.__name__}.pages.{name}").PAGE
    return declared


def build_with_code(site: Site, chapter: str, name: str, page: Page, shared: Mapping[str, Component]) -> None:
    """A page, and below it the code behind its numbers. The only page of a chapter has a name in its address alone."""
    build_page(site, chapter, page, shared)
    if page.code:
        gr.HTML(fold(site.initial, f"{chapter}/{name}"))


async def serve_code(request: Request) -> Response:
    """`CODE`: the code behind a page as a file that the browser keeps, so that the app's page does not carry it."""
    chapter, name = request.path_params["chapter"], request.path_params["name"]
    if chapter not in CHAPTERS or name not in import_module(f"resnet_demo.chapters.{chapter}").PAGES:
        return Response(status_code=404)
    page = page_of(import_module(f"resnet_demo.chapters.{chapter}"), name)
    return JSONResponse([code_behind(one) for one in page.code], headers={"Cache-Control": "public, max-age=3600"})


CODE = Route("/code/{chapter}/{name}.json", serve_code)


def build_question(site: Site, name: str, package: ModuleType) -> dict[str, Component]:
    """The controls that a chapter's pages share: `CONTROLS` of the module that it names, and what that wires."""
    if not hasattr(package, "SHARED"):
        return {}
    module = import_module(f"{package.__name__}.pages.{package.SHARED}")
    shared = build_shared(site, name, module.CONTROLS)
    module.wire(site, shared)
    return shared


def head() -> str:
    """The scripts of the whole app, for the page's head."""
    names = ("shell", "photo", "access", "server", "uploads", "glossary")
    files = [*(f"kit/static/{name}.js" for name in names), "lesson/lesson.js"]
    return "".join(f"<script>{script}</script>" for script in (glossary.as_script(), *map(asset, files)))
