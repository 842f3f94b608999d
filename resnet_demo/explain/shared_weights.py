"""Other modules on a network's tensors: what is done to them is not done to the network."""

import copy
from itertools import chain

from torch import Tensor, nn

from resnet_demo.models.resnet import ResNet


def shared(network: ResNet) -> ResNet:
    """A copy of the modules that shares every tensor."""
    tensors: dict[int, nn.Parameter | Tensor] = {
        id(value): value for value in chain(network.parameters(), network.buffers())
    }
    return copy.deepcopy(network, tensors)


def evaluating(network: ResNet) -> ResNet:
    """The network itself, or while it trains a view of it in evaluation mode."""
    return shared(network).eval() if network.training else network
