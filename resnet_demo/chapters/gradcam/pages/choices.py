"""What the controls of the heat maps offer: it follows the chosen networks and the language."""

from collections.abc import Sequence

from resnet_demo.chapters.gradcam.pages.measured_maps import NONE, OWN, Asked
from resnet_demo.explain import METHODS, SLOW
from resnet_demo.kit.display_names import title
from resnet_demo.kit.format import class_label
from resnet_demo.kit.offered_networks import Networks, is_control
from resnet_demo.kit.text import t

Choices = list[tuple[str, str]]


def label(language: str, key: str) -> str:
    """A network as the controls call it; an untrained one is marked as the control that it is."""
    if not is_control(key):
        return Networks.label(key)
    return f"{title(key.rpartition('-')[0])} · {t(language, 'gradcam.random')}"


def networks_of(networks: Networks, language: str) -> Choices:
    return [(label(language, key), key) for key in (*networks.keys, *networks.controls.values())]


def networks_or_none(networks: Networks, language: str) -> Choices:
    return [*networks_of(networks, language), (t(language, "gradcam.alone"), NONE)]


def shared_classes(networks: Networks, keys: Sequence[str]) -> dict[str, str]:
    """Id and English title of the classes that all these networks know."""
    known = [dict(zip(c.class_ids, c.classes, strict=True)) for c in map(networks.get, keys)]
    return {key: name for key, name in known[0].items() if all(key in other for other in known)}


def targets(networks: Networks, keys: Sequence[str], language: str) -> Choices:
    """Own prediction, or a class by name."""
    return [(t(language, "gradcam.own"), OWN), *_named(networks, keys, language)]


def rivals(networks: Networks, keys: Sequence[str], language: str) -> Choices:
    """No other class, or one by name."""
    return [(t(language, "gradcam.no_rival"), NONE), *_named(networks, keys, language)]


def _named(networks: Networks, keys: Sequence[str], language: str) -> Choices:
    return [(class_label(language, key, name), key) for key, name in shared_classes(networks, keys).items()]


def shared_layers(networks: Networks, keys: Sequence[str]) -> dict[str, int | None]:
    """Stages, the last one first, and blocks that all these networks have: name to the block's number."""
    depths = [networks.get(key).network.architecture.depths for key in keys]
    found: dict[str, int | None] = {}
    for stage in reversed(range(min(map(len, depths)))):
        found[f"layer{stage + 1}"] = None
    for stage in reversed(range(min(map(len, depths)))):
        blocks = min(depth[stage] for depth in depths)
        found |= {f"layer{stage + 1}.{block}": block for block in range(blocks)}
    return found


def layer_choices(networks: Networks, keys: Sequence[str], language: str) -> Choices:
    return [(layer_label(language, name), name) for name in shared_layers(networks, keys)]


def layer_label(language: str, name: str) -> str:
    """ "layer4.1" as a person says it: "Stage 4, block 2"."""
    stage, _, block = name.removeprefix("layer").partition(".")
    words = t(language, "gradcam.stage", number=stage)
    return t(language, "gradcam.block", stage=words, number=int(block) + 1) if block else words


def method_choices() -> Choices:
    """The slow ones last."""
    return [(METHODS[key].title, key) for key in sorted(METHODS, key=lambda key: key in SLOW)]


def fitted(networks: Networks, asked: Asked) -> Asked:
    """What was asked, held to what the chosen networks share: the controls are set to the same."""
    classes, layers = shared_classes(networks, asked.keys), shared_layers(networks, asked.keys)
    last = next(iter(layers))
    return Asked(
        asked.path,
        asked.keys,
        asked.target if asked.target in classes else OWN,
        tuple(layer for layer in asked.layers if layer in layers) or (last,),
        asked.method,
        asked.against if asked.against in classes else NONE,
        asked.counterfactual,
    )
