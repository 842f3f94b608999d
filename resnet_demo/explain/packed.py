"""A network's convolutions with their weights laid out once as oneDNN wants them, for float32 on a CPU.

PyTorch rearranges a convolution's weights in every call, which for one picture takes about as long as the convolution.
Laid out beforehand, the same is computed to rounding. But where a gradient will be asked for, the way there is
PyTorch's own to the last bit, and only the way back is laid out: an input of a ReLU that rounding pushes over zero
switches a gradient on or off. Everything but the convolutions is the network's own.
"""

from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.explain.views import evaluating, shared
from resnet_demo.models.resnet import ResNet

_views: WeakKeyDictionary[ResNet, tuple[object, ResNet]] = WeakKeyDictionary()
_lock = Lock()
PLAIN: tuple[str, list[float], str] = ("none", [], "")
"""Nothing is fused to a convolution."""


def packed(network: ResNet) -> ResNet:
    """A view of `network` in evaluation mode that runs faster, made once and anew when a weight has changed.

    Where oneDNN does not serve (a GPU, another precision), an evaluating network is its own view.
    """
    convolutions = [module.weight for module in network.modules() if isinstance(module, nn.Conv2d)]
    if not torch.backends.mkldnn.is_available() or any(
        weight.device.type != "cpu" or weight.dtype != torch.float32 for weight in convolutions
    ):
        return evaluating(network)
    state = [(weight.data_ptr(), 0 if weight.is_inference() else weight._version) for weight in convolutions]
    with _lock:
        known = _views.get(network)
        if known is None or known[0] != state:
            known = _views[network] = (state, _pack(network))
    return known[1]


def _pack(network: ResNet) -> ResNet:
    view = shared(network).eval()
    for parent in list(view.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.Conv2d):
                setattr(parent, name, PackedConv2d(child))
    return view


class PackedConv2d(nn.Module):
    """The convolution `layer`, its weights frozen."""

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.layer = layer
        self.weight = layer.weight.detach()
        self.bias = None if layer.bias is None else layer.bias.detach()
        self.padding = [int(side) for side in layer.padding]
        self.how = (layer.stride, self.padding, layer.dilation, layer.groups)
        self._packed_how = (self.padding, layer.stride, layer.dilation, layer.groups)
        self.there: Tensor | None = None
        self.back: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            exact: Tensor = _Convolution.apply(x, self)
            return exact
        if self.there is None:
            self.there = torch.ops.mkldnn._reorder_convolution_weight(self.weight, *self._packed_how, x.shape)
        found: Tensor = torch.ops.mkldnn._convolution_pointwise(x, self.there, self.bias, *self._packed_how, *PLAIN)
        return found

    def carry_back(self, gradient: Tensor, side: torch.Size) -> Tensor:
        """The gradient of an input of height and width `side`: the transposed convolution."""
        a = self.layer
        zipped = zip(side, gradient.shape[2:], a.stride, self.padding, a.dilation, a.kernel_size, strict=True)
        rest = [whole - ((out - 1) * s - 2 * p + d * (k - 1) + 1) for whole, out, s, p, d, k in zipped]
        how = (self.padding, rest, a.stride, a.dilation, a.groups)
        if self.back is None:
            self.back = torch.ops.mkldnn._reorder_convolution_transpose_weight(self.weight, *how, gradient.shape)
        found: Tensor = torch.ops.mkldnn._convolution_transpose_pointwise(gradient, self.back, None, *how, *PLAIN)
        return found


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, layer: PackedConv2d) -> Tensor:
        ctx.layer, ctx.side = layer, x.shape[2:]
        return functional.conv2d(x, layer.weight, layer.bias, *layer.how)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return ctx.layer.carry_back(gradients[0].contiguous(memory_format=torch.channels_last), ctx.side), None
