"""The calculator's blocks built by hand with torch's own layers, and what torch says of them."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from resnet_demo.chapters.parameters.block_kinds import Block


def convolution(b: Block, before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution that pads as the calculator says, with a BatchNorm if the block has them."""
    layers: list[nn.Module] = [nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=b.bias)]
    return nn.Sequential(*layers, *([nn.BatchNorm2d(after)] if b.norm else []))


def path(b: Block) -> list[nn.Sequential]:
    """The convolutions of the main path; a ReLU follows each."""
    k, s, g = b.kernel, b.stride, b.groups
    if b.kind in ("vgg", "basic"):
        depth = 2 if b.kind == "basic" else b.depth
        later = [convolution(b, b.channels_out, b.channels_out, k, 1, g) for _ in range(depth - 1)]
        return [convolution(b, b.channels_in, b.channels_out, k, s, g), *later]
    if b.kind == "depthwise":
        depthwise = convolution(b, b.channels_in, b.channels_in, k, s, b.channels_in)
        return [depthwise, convolution(b, b.channels_in, b.channels_out, 1)]
    inside = b.width * (b.widen if b.kind == "wide" else 1)
    return [
        convolution(b, b.channels_in, inside, 1),
        convolution(b, inside, inside, k, s, g),
        convolution(b, inside, b.channels_out, 1),
    ]


class Residual(nn.Module):
    """Main path and shortcut, added before the last ReLU."""

    def __init__(self, b: Block) -> None:
        super().__init__()
        self.block = b
        self.path = nn.ModuleList(path(b))
        same = b.stride == 1 and b.channels_in == b.channels_out
        learnt = b.shortcut == "C" or (b.shortcut == "B" and not same)
        self.projection = convolution(b, b.channels_in, b.channels_out, 1, b.stride) if learnt else None

    def forward(self, x: Tensor) -> Tensor:
        out = x
        for i, layer in enumerate(self.path):
            out = layer(out)
            if i + 1 < len(self.path):
                out = torch.relu(out)
        if self.block.shortcut != "none":
            out = out + self.shortcut(x)
        return torch.relu(out)

    def shortcut(self, x: Tensor) -> Tensor:
        if self.projection is not None:
            return self.projection(x)
        x = x[:, :, :: self.block.stride, :: self.block.stride]
        return nn.functional.pad(x, (0, 0, 0, 0, 0, self.block.channels_out - self.block.channels_in))


class Dense(nn.Module):
    """DenseNet's layers: BN, ReLU, 1x1, BN, ReLU, k x k, and everything before concatenated."""

    def __init__(self, b: Block) -> None:
        super().__init__()
        norm = nn.BatchNorm2d if b.norm else lambda _: nn.Identity()
        self.layers = nn.ModuleList()
        for i in range(b.depth):
            channels = b.channels_in + i * b.growth
            self.layers.append(
                nn.Sequential(
                    norm(channels),
                    nn.ReLU(),
                    nn.Conv2d(channels, b.width, 1, bias=b.bias),
                    norm(b.width),
                    nn.ReLU(),
                    nn.Conv2d(b.width, b.growth, b.kernel, padding=b.kernel // 2, bias=b.bias),
                )
            )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        return x


def in_torch(b: Block, device: str = "meta") -> nn.Module:
    with torch.device(device):
        return Dense(b) if b.kind == "dense" else Residual(b)


def traced(module: nn.Module, channels: int, size: int) -> tuple[int, int, tuple[int, ...]]:
    """Parameters, MACs and output shape as torch has them, on the meta device."""
    with FlopCounterMode(display=False) as counter:
        out = module.eval()(torch.empty(1, channels, size, size, device="meta"))
    return sum(p.numel() for p in module.parameters()), counter.get_total_flops() // 2, tuple(out.shape[1:])


def kept(module: nn.Module, channels: int, size: int) -> int:
    """Numbers of all maps that autograd keeps for the backward pass, the output too and the input not."""
    x = torch.zeros(1, channels, size, size, requires_grad=True)
    maps: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        if tensor.ndim == 4 and not isinstance(tensor, nn.Parameter):
            maps[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        out = module.train()(x)
    keep(out.detach())
    maps.pop(x.untyped_storage().data_ptr(), None)
    return sum(tensor.numel() for tensor in maps.values())


def seen(b: Block, side: int) -> int:
    """Side of the square of input pixels on which one output pixel in the middle depends, measured with gradients."""
    module = in_torch(Block(**{**vars(b), "norm": False, "bias": False, "shortcut": "none"}), "cpu").eval().double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1.0)
    x = torch.ones(1, b.channels_in, side, side, dtype=torch.float64, requires_grad=True)
    out: Any = module(x)
    middle = out.shape[-1] // 2
    (gradient,) = torch.autograd.grad(out[0, :, middle, middle].sum(), x)
    return int((gradient.abs().sum((0, 1, 2)) > 0).sum())
