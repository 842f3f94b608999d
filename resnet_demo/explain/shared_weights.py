"""Module copies that share parameters, so that hooks and changes on them do not affect the network."""

import copy
from itertools import chain

from torch import Tensor, nn

from resnet_demo.models.resnet import ResNet


def shared(network: ResNet) -> ResNet:
    """A copy of the modules that shares all tensors."""
    tensors: dict[int, nn.Parameter | Tensor] = {
        id(value): value for value in chain(network.parameters(), network.buffers())
    }
    return copy.deepcopy(network, tensors)


def evaluating(network: ResNet) -> ResNet:
    """The network itself, or a view of it in evaluation mode if it is in training mode."""
    return shared(network).eval() if network.training else network
