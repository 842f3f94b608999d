"""Heat maps for scripts: plain values in place of pictures and texts."""

from typing import Any

from resnet_demo.chapters.gradcam.pages.maps import Look, Looked
from resnet_demo.explain.comparison import peak, share_above_half
from resnet_demo.explain.record import Named
from resnet_demo.kit.format import class_label


def answers(found: Looked, language: str) -> list[dict[str, Any]]:
    """One entry for each network. "logit" is the score that the map explains: see `Explanation.score`."""
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
