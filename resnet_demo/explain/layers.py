"""The layers that can be explained: the outputs of a network's stages and blocks."""

from itertools import chain

from resnet_demo.errors import ArchitectureError
from resnet_demo.models.resnet import ResNet


def layers(network: ResNet) -> tuple[str, ...]:
    """The stages, each at the output of its last block: "layer1", ..."""
    return tuple(network.stages)


def block_of(network: ResNet, layer: str) -> str:
    """The block whose output is the output of `layer`, a stage ("layer4") or a block ("layer4.0").

    Raises ArchitectureError for a layer that the network does not have.
    """
    ends = {stage: f"{stage}.{len(body) - 1}" for stage, body in network.stages.items()}
    found = ends.get(layer, layer)
    if found not in network.blocks:
        raise ArchitectureError(
            "layer_unknown", name=network.architecture.name, layer=layer, layers=", ".join(chain(ends, network.blocks))
        )
    return found
