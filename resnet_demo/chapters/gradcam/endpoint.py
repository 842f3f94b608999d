"""Heat maps for scripts, as plain values in place of pictures and texts: `/compare_cam`."""

from typing import Any

from gradio.components import Component

from resnet_demo.chapters.gradcam.pages.maps import SLOWLY
from resnet_demo.chapters.gradcam.pages.measured_maps import NONE, Look, asked, maps
from resnet_demo.chapters.gradcam.pages.question import CONTROLS
from resnet_demo.explain.comparison import peak, share_above_half
from resnet_demo.explain.record import Named
from resnet_demo.kit.format import class_label
from resnet_demo.kit.messages import answer, attempt
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Endpoint
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t


def endpoint(
    networks: Networks,
    picture: str | None,
    left: str,
    right: str,
    target: str,
    layer: list[str] | str,
    method: str,
    language: str,
    against: str = NONE,
    counterfactual: bool = False,
) -> list[dict[str, Any]]:
    """Class activation maps of one network or two for one picture.

    picture: an image file, or {"url": "data:image/jpeg;base64,..."}. left, right: networks, for example
    "resnet18-imagenette", or "resnet18-random" for untrained weights; right may be "none". target: a class id, or "own"
    for each network's own prediction. layer: a stage ("layer4") or block ("layer4.0"), or a list of them, whose maps
    are averaged. method: for example "gradcam"; a slow one such as "scorecam" takes its time. language: "en" or "zh".
    against: a class id to explain why not this class, or "none". counterfactual: what speaks against the class.
    Returns, for each network, the raw map at the layer's own resolution (of several the finest one's; FullGrad's is of
    the crop's size), its class, "logit", probability and peak, the share of the crop above half of it, and how far the
    two maps agree. "logit" is what the map explains: the class's logit, less that of "against", negated in a
    counterfactual.
    """
    question = asked(picture, left, right, target, layer, method, against, counterfactual)
    found = answer(language, attempt(maps, networks, question))
    together = found.agreement and {
        "rank_correlation": found.agreement.rank_correlation,
        "overlap": found.agreement.overlap,
    }
    return [_answer(item, language) | {"agreement": together} for item in found.looks]


def _answer(item: Look, language: str) -> dict[str, Any]:
    explanation = item.explanation
    top = peak(explanation.map)
    return {
        "network": item.name,
        "weights": item.key.rpartition("-")[2],
        "class": _class(item.target, language),
        "against": item.against and _class(item.against, language),
        "counterfactual": explanation.counterfactual,
        "method": explanation.method,
        "layer": explanation.layer,
        "logit": explanation.score,
        "probability": explanation.probability,
        "map": explanation.map.tolist(),
        "peak": {"across": top.across, "down": top.down, "value": top.value},
        "above_half": share_above_half(explanation.map, explanation.crop.height, explanation.crop.width),
        "blank": item.blank,
    }


def _class(named: Named, language: str) -> dict[str, str]:
    return {"id": named.class_id, "name": class_label(language, named.class_id, named.title)}


def inputs(site: Site) -> list[Component]:
    """The page's photo and language, and controls like those of the page."""
    made: dict[str, Component] = {}
    for one in CONTROLS:
        value = one.value(site) if callable(one.value) else one.value
        more: dict[str, Any] = {"choices": one.choices(site), **one.options} if one.choices else {}
        label = t(site.initial, f"gradcam.{one.name}")
        made[one.name] = one.kind(value=value, visible=False, label=label, **more)
    asks = [made[name] for name in ("left", "right", "target", "layer", "method")]
    return [site.photo.photo, *asks, site.language, made["against"], made["counterfactual"]]


ENDPOINT = Endpoint("compare_cam", endpoint, inputs, takes_networks=True, lane=SLOWLY)
