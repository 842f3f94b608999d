"""Cut out one part: the visitor's photograph through a network without one of its blocks or layers."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from statistics import median
from typing import Any

import gradio as gr
from PIL import Image

from resnet_demo.chapters.degradation.ablation import Lesion, lesions
from resnet_demo.chapters.degradation.pages.charts import what_is_left
from resnet_demo.checkpoints.card import WEIGHTS
from resnet_demo.errors import CheckpointError
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import class_label, percent
from resnet_demo.kit.image_input import PhotoInput, read
from resnet_demo.kit.listeners import bound
from resnet_demo.kit.messages import Problem, attempt, notice
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated

PAIR = ("resnet18-imagenette", "plain18-imagenette")


@dataclass(frozen=True)
class Cuts:
    """What one network says without each of its parts."""

    name: str
    class_id: str
    class_title: str
    probability: float
    found: tuple[Lesion, ...]

    @property
    def survived(self) -> int:
        """After how many of the cuts the network still names the same class."""
        return sum(lesion.same for lesion in self.found)


@dataclass(frozen=True)
class Parts:
    photo: PhotoInput
    start: gr.Button
    chart: gr.Plot
    words: gr.HTML
    state: gr.State


def build(page: Site) -> Parts:
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            photo = page.photo
        with gr.Column(scale=3, min_width=320):
            start = page.word(gr.Button(variant="primary", elem_id="lesions-start"), value="degradation.lesions.start")
            words = gr.HTML(elem_id="lesions-words")
            chart = gr.Plot(show_label=False, elem_id="lesions-chart", visible=False)
    return Parts(photo, start, chart, words, gr.State())


def wire(page: Site, parts: Parts) -> None:
    events = [parts.start.click]
    cut = page.measures(events, bound(update, page.networks), [parts.photo.photo], parts.state, parts.words)
    page.shows([cut], parts.state, render, parts.words, parts.chart)


def update(networks: Networks, path: str | None) -> list[Cuts] | Problem:
    """The cuts of both networks of the matched pair, in no language yet."""
    return attempt(_cut, networks, path)


def _cut(networks: Networks, path: str | None) -> list[Cuts]:
    """Raises PictureError or CheckpointError."""
    missing = [networks.label(key) for key in PAIR if key not in networks.keys]
    if missing:
        raise CheckpointError("pair_missing", folder=WEIGHTS.name, missing=", ".join(missing))
    return cuts(networks, read(path))


@accelerated
def cuts(networks: Networks, image: Image.Image) -> list[Cuts]:
    found = []
    for classifier in map(networks.get, PAIR):
        whole, single = lesions(classifier, image)
        found.append(
            Cuts(
                classifier.name,
                classifier.class_ids[whole.top],
                classifier.classes[whole.top],
                whole.probability,
                single,
            )
        )
    return found


def render(found: list[Cuts] | Problem, language: str) -> tuple[str, Any]:
    if isinstance(found, Problem):
        return notice(language, found), gr.Plot(visible=False)
    sentences = "".join(f"<p>{escape(_sentence(language, item))}</p>" for item in found)
    hint = f'<p class="hint">{escape(t(language, "degradation.lesions.hint"))}</p>'
    words = {key: t(language, f"degradation.lesions.{key}") for key in ("part", "probability")}
    shares = {title(item.name): [(lesion.part, lesion.probability) for lesion in item.found] for item in found}
    return sentences + hint, gr.Plot(what_is_left(shares, words), visible=True)


def _sentence(language: str, item: Cuts) -> str:
    values: Mapping[str, object] = {
        "network": title(item.name),
        "name": class_label(language, item.class_id, item.class_title),
        "share": percent(item.probability),
        "count": len(item.found),
        "survived": item.survived,
        "median": percent(median(lesion.probability for lesion in item.found)),
    }
    family = "plain" if item.name.startswith("plain") else "residual"
    return t(language, f"degradation.lesions.{family}", **values)
