"""Real test photographs, where Imagenette lies on this machine: at random, of one class, or disputed by the twins."""

import random
from dataclasses import dataclass
from functools import cache
from html import escape

import gradio as gr
from PIL import Image

from resnet_demo.data.photographs import Photograph, Photographs, photographs_of
from resnet_demo.data.pictures import read_picture
from resnet_demo.data.sources import DATASETS, data_folder
from resnet_demo.explain.prediction import classify
from resnet_demo.kit.controls import Choice
from resnet_demo.kit.format import class_label
from resnet_demo.kit.listeners import NETWORK, QUIETLY, bound
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.offered_networks import Networks, twin
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t

DATASET = "imagenette"
ANY = "any"
TRIED = 200
"""Photographs at most on which the twins are asked until they disagree."""


@cache
def found() -> Photographs | Problem | None:
    """Imagenette's test photographs, or what is wrong with them; None where its folder is missing."""
    folder = data_folder()
    if not (folder / DATASETS[DATASET].folder).is_dir():
        return None
    return attempt(photographs_of, DATASET, folder)


@dataclass(frozen=True)
class Picker:
    """The class to choose from, a button for each way to choose, and what is told of the photograph."""

    of_class: Choice
    any_one: gr.Button
    disputed: gr.Button
    told: gr.HTML


def build_picker(language: str) -> Picker | None:
    """Lays out the picker; None, and nothing on the page, where the photographs are missing."""
    photographs = found()
    if photographs is None:
        return None
    if isinstance(photographs, Problem):
        gr.HTML(notice(language, photographs))
        return None
    words = t(language, "photo.real", count=f"{len(photographs):,}")
    gr.HTML(f'<p class="hint">{escape(words)}</p>')
    names = [(class_label(language, class_id, name), class_id) for class_id, name in photographs.classes.items()]
    with gr.Row(elem_id="real", equal_height=True):
        of_class = Choice(
            [(t(language, "photo.real_any"), ANY), *names],
            value=ANY,
            label=t(language, "photo.real_class"),
            container=False,
            elem_id="real-class",
            min_width=140,
        )
        any_one, disputed = (
            gr.Button(t(language, f"photo.real_{name}"), size="sm", elem_id=f"real-{name}", min_width=140)
            for name in ("random", "disputed")
        )
    return Picker(of_class, any_one, disputed, gr.HTML(elem_id="real-told"))


def wire_picker(site: Site, picker: Picker) -> None:
    """Each button shows another photograph, which the page then keeps as it keeps the visitor's own."""
    own = (
        "(photo, told) => { if (!told.includes('<details')) return; "
        "document.dispatchEvent(new Event('own-picture')); window.resnet.keep(photo); }"
    )
    inputs, outputs = [picker.of_class, site.pair, site.language], [site.photo.photo, picker.told]
    for button, wanted in ((picker.any_one, False), (picker.disputed, True)):
        shown = button.click(bound(show, site.networks, wanted), inputs, outputs, **{**QUIETLY, **NETWORK})
        shown.then(None, outputs, None, js=own)


def show(networks: Networks, disputed: bool, class_id: str, pair: str, language: str) -> tuple[object, str]:
    """A photograph with its place in the test half and, to be unfolded, its class; a message where there is none."""
    one = attempt(draw, networks, disputed, class_id, pair)
    if isinstance(one, Problem):
        return gr.skip(), notice(language, one)
    photographs = found()
    assert isinstance(photographs, Photographs)
    if one is None:
        return gr.skip(), f'<p class="hint">{escape(t(language, "photo.real_none", count=TRIED))}</p>'
    place = t(language, "photo.real_shown", number=f"{one.index + 1:,}", count=f"{len(photographs):,}")
    reveal = t(language, "photo.real_reveal")
    name = class_label(language, one.class_id, photographs.classes[one.class_id])
    told = f"<details><summary>{escape(reveal)}</summary><p><b>{escape(name)}</b></p></details>"
    return opened(one), f'<p class="hint">{escape(place)}</p>{told}'


def draw(networks: Networks, disputed: bool, class_id: str, pair: str) -> Photograph | None:
    """One at random, of all or of one class; if `disputed`, one on which the twins' first classes differ, or None."""
    photographs = found()
    assert isinstance(photographs, Photographs)
    twins = [networks.get(key) for key in (pair, twin(pair))] if disputed else []

    def wanted(one: Photograph) -> bool:
        image = opened(one)
        return not twins or len({classify(network, image, top=1).top[0].class_id for network in twins}) == 2

    return photographs.search(random.Random(), wanted, None if class_id == ANY else class_id, TRIED)


def opened(one: Photograph) -> Image.Image:
    """Upright and RGB."""
    return read_picture(str(one.path))
