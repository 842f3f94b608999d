"""A network's convolutions with their weights stored in oneDNN's own layout, for float32 on a CPU.

PyTorch rearranges a convolution's weights in every call, which for one image takes about as long as the convolution.
Here they are rearranged once, BatchNorm's scale and shift are folded in, and the following ReLU and addition are
computed in the same pass over the feature map; the result is the same up to rounding. Where gradients are needed, the
forward pass is PyTorch's own to the last bit and only the backward pass is packed, because an input of a ReLU that
rounding pushes across zero switches a gradient on or off.
"""

from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.explain.shared_weights import evaluating, shared
from resnet_demo.models.resnet import ResNet

_views: WeakKeyDictionary[ResNet, tuple[object, ResNet]] = WeakKeyDictionary()
_lock = Lock()
PLAIN: tuple[str, list[float], str] = ("none", [], "")
"""No further operation in the pass of a convolution."""
RELU: tuple[str, list[float], str] = ("relu", [], "")


def packed(network: ResNet) -> ResNet:
    """A faster view of `network` in evaluation mode, made once and again after a weight has changed.

    Where oneDNN is not available (a GPU, another precision), a network in evaluation mode is its own view.
    """
    weights = _weights(network)
    if not torch.backends.mkldnn.is_available() or any(
        weight.device.type != "cpu" or weight.dtype != torch.float32 for weight in weights
    ):
        return evaluating(network)
    state = [(weight.data_ptr(), 0 if weight.is_inference() else weight._version) for weight in weights]
    with _lock:
        known = _views.get(network)
        if known is None or known[0] != state:
            known = _views[network] = (state, _pack(network))
    return known[1]


def _weights(network: ResNet) -> list[Tensor]:
    """Parameters and running statistics. Collected for every image, so without the cost of building their names."""
    found = (
        value
        for module in network.modules()
        for held in (module._parameters, module._buffers)
        for value in held.values()
    )
    return [value for value in found if value is not None and value.is_floating_point()]


def _pack(network: ResNet) -> ResNet:
    view = shared(network).eval()
    for parent in list(view.modules()):
        children = dict(parent.named_children())
        for name, child in children.items():
            if isinstance(child, nn.Conv2d):
                norm = _norm_after(name, children, view)
                setattr(parent, name, PackedConv2d(child, children.get(norm)))
                if norm in children:
                    setattr(parent, norm, nn.Identity())
    if not view.architecture.preactivation:
        for stage in view.stages.values():
            for index, block in enumerate(stage):
                stage[index] = PackedBlock(block)
    return view


def _norm_after(name: str, siblings: dict[str, nn.Module], network: ResNet) -> str:
    """The name of the BatchNorm directly after the convolution of that name: each has one in V1, none has one in V2."""
    norm = "1" if name == "0" else name.replace("conv", "bn")
    follows = not network.architecture.preactivation and isinstance(siblings.get(norm), nn.BatchNorm2d)
    return norm if follows else ""


class PackedConv2d(nn.Module):
    """The convolution `layer` and the BatchNorm `norm` that follows it, if any; their weights frozen."""

    def __init__(self, layer: nn.Conv2d, norm: nn.Module | None = None) -> None:
        super().__init__()
        self.layer = layer
        self.norm = norm or nn.Identity()
        self.weight = layer.weight.detach()
        self.bias = None if layer.bias is None else layer.bias.detach()
        self.padding = [int(side) for side in layer.padding]
        self.how = (layer.stride, self.padding, layer.dilation, layer.groups)
        self._packed_how = (self.padding, layer.stride, layer.dilation, layer.groups)
        self.there: Tensor | None = None
        self.shift: Tensor | None = None
        self.back: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            exact: Tensor = self.norm(_Convolution.apply(x, self))
            return exact
        return self.fused(x, PLAIN)

    def fused(self, x: Tensor, then: tuple[str, list[float], str] = RELU, onto: Tensor | None = None) -> Tensor:
        """Convolution, BatchNorm, addition to `onto` and ReLU in one pass over the feature map, without gradients.

        `onto` is overwritten: for oneDNN an out-of-place addition takes longer than a copy followed by this.
        """
        if self.there is None:
            weight, self.shift = self._folded()
            self.there = torch.ops.mkldnn._reorder_convolution_weight(weight, *self._packed_how, x.shape)
        given = (self.there, self.shift, *self._packed_how)
        if onto is None:
            alone: Tensor = torch.ops.mkldnn._convolution_pointwise(x, *given, *then)
            return alone
        torch.ops.mkldnn._convolution_pointwise_(onto, x, *given, "add", 1.0, *then)
        return onto

    def _folded(self) -> tuple[Tensor, Tensor | None]:
        """Weight and bias of the single convolution equal to both: gamma / sigma scales, the rest shifts."""
        if not isinstance(self.norm, nn.BatchNorm2d):
            return self.weight, self.bias
        norm = self.norm
        assert norm.running_mean is not None and norm.running_var is not None
        scale = norm.weight.detach() / torch.sqrt(norm.running_var + norm.eps)
        shift = norm.bias.detach() - norm.running_mean * scale
        if self.bias is not None:
            shift = shift + self.bias * scale
        weight = self.weight * scale[:, None, None, None]
        return weight.contiguous(memory_format=torch.channels_last), shift

    def carry_back(self, gradient: Tensor, side: torch.Size) -> Tensor:
        """The gradient with respect to an input of height and width `side`: the transposed convolution."""
        a = self.layer
        zipped = zip(side, gradient.shape[2:], a.stride, self.padding, a.dilation, a.kernel_size, strict=True)
        rest = [whole - ((out - 1) * s - 2 * p + d * (k - 1) + 1) for whole, out, s, p, d, k in zipped]
        how = (self.padding, rest, a.stride, a.dilation, a.groups)
        if self.back is None:
            self.back = torch.ops.mkldnn._reorder_convolution_transpose_weight(self.weight, *how, gradient.shape)
        found: Tensor = torch.ops.mkldnn._convolution_transpose_pointwise(gradient, self.back, None, *how, *PLAIN)
        return found


class PackedBlock(nn.Module):
    """A V1 block of packed convolutions; without gradients, they include the ReLUs and the addition."""

    def __init__(self, block: Any) -> None:
        super().__init__()
        self.block = block
        *self.inner, self.last = [part for name, part in block.named_children() if name.startswith("conv")]

    def forward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            found: Tensor = self.block(x)
            return found
        out = x
        for convolution in self.inner:
            out = convolution.fused(out)
        if self.block.downsample is None:
            plain: Tensor = self.last.fused(out)
            return plain
        shortcut: Tensor = self.block.downsample(x)
        copied = shortcut.clone if shortcut is x else shortcut.contiguous
        return self.last.fused(out, onto=copied(memory_format=torch.channels_last))


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, layer: PackedConv2d) -> Tensor:
        ctx.layer, ctx.side = layer, x.shape[2:]
        return functional.conv2d(x, layer.weight, layer.bias, *layer.how)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return ctx.layer.carry_back(gradients[0].contiguous(memory_format=torch.channels_last), ctx.side), None
