"""The app as a table of contents: header, language, tabs."""

from importlib import import_module
from typing import Any, cast

import gradio as gr

from resnet_demo.chapters import CHAPTERS
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.own_networks import OwnNetwork
from resnet_demo.kit.page import AT_ONCE, QUIETLY, Page, Tab
from resnet_demo.kit.text import LANGUAGES, preferred, t

TABS = cast(tuple[Tab, ...], tuple(import_module(f"resnet_demo.chapters.{name}.tab") for name in CHAPTERS))
FORMER = {"compare_cam": "gradcam", "inspector": "blocks", "calculator": "parameters"}
"""Names that tabs had before: old links keep working."""

FONTS = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "sans-serif"]
# Names the page and shows it once its heading is in its language; the stylesheet shows it anyway after a moment.
REVEAL = """(language) => {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  const words = document.documentElement.lang;
  const reveal = () => {
    if (document.documentElement.lang !== words) return;
    const heading = document.querySelector(`#heading [data-language="${language}"]`);
    if (!heading) return requestAnimationFrame(reveal);
    document.title = heading.textContent;
    document.body.classList.add("worded");
  };
  reveal();
}"""


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


def build(device: str = "auto", language: str | None = None, own: tuple[OwnNetwork, ...] = ()) -> gr.Blocks:
    """The app, ready to launch. `language` fixes the first language; None follows the visitor's browser.

    Networks of one's `own` join those of the project in every chapter.
    """
    initial = language or "en"
    with gr.Blocks(title=t(initial, "app.title"), analytics_enabled=False, fill_width=True) as demo:
        with gr.Row(elem_id="header", equal_height=True):
            heading = gr.HTML(elem_id="heading", scale=4)
            switch = gr.Radio(
                [(name, key) for key, name in LANGUAGES.items()],
                value=initial,
                label=t(initial, "app.language"),
                show_label=False,
                container=False,
                elem_id="language",
                min_width=200,
            )
        ready = gr.State()  # changes once, when the first language is known
        tabs = gr.Tabs(elem_id="tabs", render=False)
        keys = tuple(tab.KEY for tab in TABS)
        page = Page(Networks(device, own), initial, switch, ready.change, demo.load, demo.unload, tabs, keys=keys)
        page.word(heading, value=_heading)
        tabs.render()
        with tabs:
            laid_out = [_lay_out(page, tab) for tab in TABS]
        # Past the queue: the page's words come first, then what is drawn in them.
        reworded = switch.change(page.in_language, switch, [component for component, _ in page.worded], **AT_ONCE)
        reworded.then(None, switch, None, js=REVEAL)
        for tab, parts in zip(TABS, laid_out, strict=True):
            tab.wire(page, parts)
        page.speaks(reworded)
        found = demo.load(first_language, gr.State(language), [switch, ready], **QUIETLY)
        demo.load(first_tab, None, tabs, **QUIETLY)
        found.then(None, switch, None, js=f'(language) => language === "{initial}" && ({REVEAL})(language)')
    return demo


def _lay_out(page: Page, tab: Tab) -> Any:
    with page.word(gr.Tab(id=tab.KEY, elem_id=f"tab-{tab.KEY}"), label=f"{tab.KEY}.title"):
        return tab.build(page)


def _heading(language: str) -> str:
    return f'<h1 data-language="{language}">{t(language, "app.title")}</h1><p>{t(language, "app.subtitle")}</p>'


def first_language(fixed: str | None, request: gr.Request) -> tuple[str, bool]:
    """The language of the address (?lang=zh), else the one the app was started with, else the browser's."""
    asked = request.query_params.get("lang", "")
    chosen = asked if asked in LANGUAGES else fixed or preferred(request.headers.get("accept-language", ""))
    return chosen, True


def first_tab(request: gr.Request) -> Any:
    """The tab of the address (?tab=blocks), else the first one."""
    asked = request.query_params.get("tab", "")
    return gr.Tabs(selected=asked) if asked in {tab.KEY for tab in TABS} else gr.skip()
