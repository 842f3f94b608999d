"""What the browser is sent of heat maps: crops, small raw maps and texts. `maps.js` and its companions draw them."""

import base64
from typing import Any

import numpy as np

from resnet_demo.chapters.gradcam.pages.choices import label
from resnet_demo.chapters.gradcam.pages.exports import filename, record
from resnet_demo.chapters.gradcam.pages.maps_in_words import class_of, facts, numbers
from resnet_demo.chapters.gradcam.pages.measured_maps import Look, Looked
from resnet_demo.explain.common import Map
from resnet_demo.kit.assets import asset
from resnet_demo.kit.display_names import family, title
from resnet_demo.kit.format import class_name, percent
from resnet_demo.kit.image_input import data_uri
from resnet_demo.kit.offered_networks import is_control
from resnet_demo.kit.page import Output
from resnet_demo.kit.text import t

COLOURS = ("inferno", "viridis", "cividis", "grey", "jet")
SCALES = ("own", "shared")
WORDS = ("opacity", "wipe", "contour", "off", "colours", "scale", "hover", "download", "caveat")
KINDS = ("png", "npy", "json")


def drawing(name: str, script: str) -> Output:
    """A place where the browser draws heat maps, by `script` and what all of them share."""
    scripts = (asset(f"chapters/gradcam/pages/{one}") for one in ("maps.js", script))
    return Output(name, options={"html_template": '<div class="cam"></div>', "js_on_load": "\n".join(scripts)})


def view(found: Looked, language: str) -> dict[str, Any]:
    """What the browser draws of one map or two: crops, raw maps and texts."""
    return {
        "texts": drawing_words(language),
        "networks": [_panel(language, found, item) for item in found.looks],
        "agreement": numbers(language, found.agreement),
    }


def drawing_words(language: str) -> dict[str, Any]:
    """The texts of the controls that the browser draws itself."""
    texts: dict[str, Any] = {key: t(language, f"gradcam.{key}") for key in WORDS}
    texts |= {f"download_{kind}": t(language, f"gradcam.download.{kind}") for kind in KINDS}
    texts["value"] = t(language, "gradcam.value", value="{value}", share="{share}")
    texts["colour_names"] = {key: t(language, f"gradcam.colours.{key}") for key in COLOURS}
    texts["scale_names"] = {key: t(language, f"gradcam.scale.{key}") for key in SCALES}
    return texts


def raw(found: Map) -> dict[str, Any]:
    """A map (h, w) as it is: float32, little-endian, in base64."""
    values = base64.b64encode(np.ascontiguousarray(found, "<f4").tobytes()).decode()
    return {"rows": found.shape[0], "columns": found.shape[1], "values": values}


def weights_of(language: str, key: str) -> str:
    """What a network was trained on, as it stands behind its name."""
    words = label(language, key).partition(" · ")[2]
    return t(language, "gradcam.control", weights=words) if is_control(key) else words


def _panel(language: str, found: Looked, item: Look) -> dict[str, Any]:
    explanation, prediction = item.explanation, item.explanation.prediction
    best = prediction.top[0]
    said = facts(language, item)
    name = t(language, "gradcam.alt", network=title(item.name), name=class_of(language, item.target))
    return {
        "title": title(item.name),
        "weights": weights_of(language, item.key),
        "family": family(item.name),
        "says": t(language, "gradcam.says", name=class_name(language, best), share=percent(best.probability)),
        "facts": said,
        "alt": " ".join([name, *(sentence for _, sentence in said)]),
        "crop": data_uri(prediction.crop),
        "map": raw(explanation.map),
        "maximum": float(explanation.map.max()),
        "flat": not explanation.heatmap.any(),
        "file": filename(item),
        "record": record(found.picture, item),
    }
