"""The film: how the twins learn where to look, epoch by epoch, on the examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from plotly.graph_objects import Figure

from resnet_demo.chapters.gradcam.film import Reel, film, frame, reels_of
from resnet_demo.chapters.gradcam.pages.drawing import drawing, drawing_words, raw
from resnet_demo.checks import whole
from resnet_demo.data.examples import Example, examples
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain.comparison import agreement
from resnet_demo.kit.charts import COLOURS, SYMBOLS, framed
from resnet_demo.kit.display_names import dataset_title, family, title
from resnet_demo.kit.format import class_label, percent
from resnet_demo.kit.html import hint, summary
from resnet_demo.kit.image_input import caption, data_uri, example_of, opened, read
from resnet_demo.kit.listeners import QUIETLY
from resnet_demo.kit.page import Output, Page, chart, slider
from resnet_demo.kit.text import t
from resnet_demo.training.recipe import RECIPES

FIRST = 5


@dataclass(frozen=True)
class Frame:
    """Each network's reel of one example, at one epoch. `own`: the visitor's photo is another one."""

    picture: Example
    epoch: int
    reels: tuple[Reel, ...]
    own: bool


def compute(photo: str | None, epoch: int) -> Frame:
    """The photo's reels, or the first example's where it is none of those in the film. Raises PictureError."""
    recorded = {one.key: one for one in examples() if reels_of(one.key)}
    key = example_of(read(photo))
    picture = recorded.get(str(key), next(iter(recorded.values())))
    reels = reels_of(picture.key)
    return Frame(picture, whole("epoch", epoch, 0, reels[0].epochs), reels, key not in recorded)


def draw(found: Frame, language: str) -> tuple[Markup, dict[str, Any], Figure, Markup]:
    """What the networks say at this epoch and since when; the maps; the way of both; how it was recorded."""
    about = film()[1]
    recorded = t(
        language,
        "gradcam.film.recorded",
        dataset=dataset_title(about["dataset"]),
        epochs=found.reels[0].epochs,
        usual=RECIPES[about["dataset"]].epochs,
        seed=about["recipe"]["seed"],
        command=about["how"],
        processor=about["machine"]["processor"],
        torch=about["versions"]["torch"],
    )
    return answer(language, found), maps(language, found), course(language, found), hint(recorded)


def answer(language: str, found: Frame) -> Markup:
    """The predictions at this epoch; from when on they and the maps are what they are at the end."""
    sentences = [_now(language, found), *(_since(language, found, one) for one in found.reels)]
    if found.own:
        sentences.append(t(language, "gradcam.film.own", example=caption(language, found.picture)))
    return summary(" ".join(sentences))


def _now(language: str, found: Frame) -> str:
    said = (
        t(
            language,
            "gradcam.film.says",
            network=title(one.model),
            name=_label(language, one.named[found.epoch]),
            share=percent(one.confidence[found.epoch]),
        )
        for one in found.reels
    )
    key = "gradcam.film.after" if found.epoch else "gradcam.film.before"
    return t(language, key, epoch=found.epoch, **dict(zip(("residual", "plain"), said, strict=True)))


def _since(language: str, found: Frame, reel: Reel) -> str:
    """From which epoch on a network names the class, and from which its map lies where it lies at the end."""
    names = "never" if reel.learnt is None else "learnt"
    lies = "blank" if reel.placed is None else "placed"
    said = t(
        language,
        f"gradcam.film.{names}",
        network=title(reel.model),
        name=_label(language, reel.class_id),
        epoch=reel.learnt,
    )
    return said + t(language, f"gradcam.film.{lies}", epoch=reel.placed)


def _label(language: str, class_id: str) -> str:
    return class_label(language, class_id, class_id)


def maps(language: str, found: Frame) -> dict[str, Any]:
    """For each network: the map before training, at this epoch, and at the end."""
    about = film()[1]
    size = about["recipe"]["test_size"]
    crop = data_uri(Preprocessing(size, size).crop(opened(found.picture.key)), "JPEG")
    epochs = dict.fromkeys((0, found.epoch, found.reels[0].epochs))
    sections = [
        {
            "title": title(reel.model),
            "weights": t(language, "gradcam.film.of", name=_label(language, reel.class_id)),
            "family": family(reel.model),
            "crop": crop,
            "items": [_item(language, reel, epoch, epoch == found.epoch) for epoch in epochs],
        }
        for reel in found.reels
    ]
    return {"texts": drawing_words(language), "sections": sections, "how": t(language, "gradcam.film.how")}


def _item(language: str, reel: Reel, epoch: int, chosen: bool) -> dict[str, Any]:
    key = "untrained" if epoch == 0 else "last" if epoch == reel.epochs else "at"
    name = t(language, f"gradcam.film.{key}", epoch=epoch)
    overlap = reel.overlaps[epoch]
    says = percent(reel.probability[epoch])
    lies = t(language, "gradcam.gallery.blank")
    if overlap is not None:
        lies = t(language, "gradcam.film.overlap", share=percent(overlap, 0))
    return {
        "title": name,
        "says": says,
        "peak": lies,
        "alt": t(language, "gradcam.film.alt", network=title(reel.model), name=name, says=says, lies=lies).strip(
            " ,，"
        ),
        "chosen": chosen,
        "crop": None,
        "map": raw(reel.maps[epoch]),
        "maximum": float(reel.maps[epoch].max()),
    }


def course(language: str, found: Frame) -> Figure:
    """Over the epochs: the probability of the picture's class (solid), and the map's overlap with the last (dotted)."""
    figure = Figure()
    for reel in found.reels:
        lines: tuple[tuple[str, str, Sequence[float | None]], ...] = (
            ("probability", "solid", reel.probability),
            ("overlaps", "dot", reel.overlaps),
        )
        for kind, dash, values in lines:
            figure.add_scatter(
                x=[*range(len(values))],
                y=[None if one is None else 100 * one for one in values],
                name=t(language, f"gradcam.film.line.{kind}", network=title(reel.model)),
                mode="lines+markers",
                line={"color": COLOURS[family(reel.model)], "width": 3 if dash == "solid" else 2, "dash": dash},
                marker={"symbol": SYMBOLS[family(reel.model)] + ("" if dash == "solid" else "-open"), "size": 6},
                hovertemplate="%{y:.1f}%",
            )
    figure.add_vline(x=found.epoch, line={"color": "#94a3b8", "width": 2, "dash": "dash"})
    figure.update_layout(
        hovermode="x unified",
        xaxis={"title": t(language, "gradcam.film.epoch"), "rangemode": "nonnegative"},
        yaxis={"range": [-2, 102], "ticksuffix": "%"},
    )
    return framed(figure, 340)


PAGE = Page(
    "film",
    compute,
    draw,
    controls=(slider("epoch", 0, reels_of(examples()[0].key)[0].epochs, FIRST),),
    outputs=(
        Output("answer"),
        drawing("grid", "gallery.js"),
        chart("chart", "gradcam.film.chart"),
        Output("recorded", folded=True),
    ),
    uses=("photo",),
    lane=QUIETLY,
    code=(frame, agreement),
    note="gradcam.film.note",
)
