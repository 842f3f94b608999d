"""FullGrad: every layer's bias times its gradient, added up over the network."""

import torch
from torch import Tensor, nn

from resnet_demo.explain.common import Map
from resnet_demo.explain.explanation import resized
from resnet_demo.explain.shared_weights import shared
from resnet_demo.models.resnet import ResNet


class Watched(nn.Module):
    """A layer that keeps its output."""

    def __init__(self, layer: nn.Conv2d | nn.BatchNorm2d) -> None:
        super().__init__()
        self.layer = layer
        self.output = torch.empty(0)

    def forward(self, x: Tensor) -> Tensor:
        self.output = self.layer(x)
        return self.output

    def bias(self) -> Tensor:
        """(1, C, 1, 1): the constant that the layer adds; for BatchNorm beta - gamma mean / sqrt(var + eps)."""
        found = self.layer.bias
        assert found is not None
        if isinstance(self.layer, nn.BatchNorm2d):
            mean, variance = self.layer.running_mean, self.layer.running_var
            assert mean is not None and variance is not None
            found = found - self.layer.weight * mean / torch.sqrt(variance + self.layer.eps)
        return found.detach()[None, :, None, None]


def full_gradient(network: ResNet, x: Tensor, directions: Tensor) -> Map:
    """FullGrad (arXiv 1905.00780): psi(x * dS/dx) + sum over layers and channels of psi(b_k * dS/df_k), (H, W).

    psi takes the absolute value, scales to [0, 1], and resizes to the image. As in pytorch-grad-cam, each channel is
    scaled separately, whereas the paper scales the layer: only whether a bias is non-zero matters, not its size. The
    library pairs biases and gradients by order of definition; here each layer has its own gradient.
    """
    view, layers = _watched(network)
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        logits = view(x)
        found = torch.autograd.grad(logits, [x, *(layer.output for layer in layers)], directions)
    parts = [found[0] * x.detach(), *(layer.bias() * g for layer, g in zip(layers, found[1:], strict=True))]
    return sum(_psi(part, *x.shape[-2:]) for part in parts).cpu().numpy()  # type: ignore[union-attr]


def _psi(part: Tensor, height: int, width: int) -> Tensor:
    """Reduces (1, C, h, w) to (height, width). Resizing is linear, so the channels are added first."""
    values = part[0].abs()
    values = values - values.amin((1, 2), keepdim=True)
    return resized((values / (1e-7 + values.amax((1, 2), keepdim=True))).sum(0), height, width)


def _watched(network: ResNet) -> tuple[nn.Module, list[Watched]]:
    """A view of the network that records the outputs of convolutions and BatchNorms with a bias."""
    view = shared(network).eval()
    layers = []
    for parent in list(view.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.Conv2d | nn.BatchNorm2d) and child.bias is not None:
                layers.append(Watched(child))
                setattr(parent, name, layers[-1])
    return view, layers
