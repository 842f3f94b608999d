"""One residual network, and with `residual=False` its plain twin: the same main path without shortcuts.

He et al. 2015, arXiv 1512.03385 (V1); He et al. 2016, arXiv 1603.05027 (V2, `preactivation`).
The attribute names are torchvision's, so its checkpoints load key for key.

Letters in the shape comments:
  B  pictures in the batch    H, W  height and width of a map    K  classes
  C  channels into a block    N     channels inside a block      D  channels out of a block    s  stride
Nothing is done in place: an in-place ReLU or `+=` would overwrite what a hook on a layer sees.
"""

from torch import Tensor, nn
from torch.nn import functional

from resnet_demo.errors import ArchitectureError
from resnet_demo.models.architectures import Architecture, describe


def conv(
    a: Architecture,
    channels_in: int,
    channels_out: int,
    kernel: int,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
) -> nn.Conv2d:
    """A convolution that keeps the feature map's size at stride 1. BatchNorm's beta replaces its bias."""
    padding = dilation * (kernel // 2)
    return nn.Conv2d(channels_in, channels_out, kernel, stride, padding, dilation, groups, bias=a.norm == "none")


def normalisation(a: Architecture, channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels) if a.norm == "batch" else nn.Identity()


class ZeroPadding(nn.Module):
    """Shortcut option A: takes every s-th pixel and pads missing channels with zeros. It has no parameters."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.missing = channels_out - channels_in
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride, :: self.stride]  # (B, C, H/s, W/s)
        return functional.pad(x, (0, 0, 0, 0, 0, self.missing))  # (B, D, H/s, W/s)


def make_shortcut(a: Architecture, channels_in: int, channels_out: int, stride: int) -> nn.Module:
    """The identity where shapes match (options A, B), otherwise zero padding (A) or a 1x1 projection (B, C)."""
    same_shape = stride == 1 and channels_in == channels_out
    if same_shape and a.shortcut != "C":
        return nn.Identity()
    if a.shortcut == "A":
        return ZeroPadding(channels_in, channels_out, stride)
    projection = conv(a, channels_in, channels_out, 1, stride)
    if a.preactivation:
        return nn.Sequential(projection)  # V2 has already normalised its input
    return nn.Sequential(projection, normalisation(a, channels_out))


class Block(nn.Module):
    """V1: H(x) = relu(F(x) + shortcut(x)), or H(x) = relu(F(x)) without a shortcut.

    V2 (pre-activation) moves BN and ReLU to the front of each convolution and has no ReLU after
    the addition: H(x) = F(x) + shortcut(x). Its projection takes the pre-activated x, its identity x.

    Subclasses define what F does after `entry`. `downsample` is the shortcut's module; a plain block has None.
    """

    expansion: int
    bn1: nn.Module
    bn2: nn.Module

    def __init__(self, a: Architecture, channels_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.preactivation = a.preactivation
        self.relu = nn.ReLU()
        self.downsample = make_shortcut(a, channels_in, width * self.expansion, stride) if a.residual else None

    def entry(self, x: Tensor) -> Tensor:
        """The input of F: x itself in V1, relu(bn1(x)) in V2."""
        return self.relu(self.bn1(x)) if self.preactivation else x  # (B, C, H, W)

    def branch(self, entry: Tensor) -> Tensor:
        raise NotImplementedError

    @property
    def last_norm(self) -> nn.Module:
        """The BatchNorm nearest the addition: it ends F in V1 and precedes its last convolution in V2."""
        return self.bn2

    def residual(self, x: Tensor) -> Tensor:
        """F(x)."""
        return self.branch(self.entry(x))  # (B, D, H/s, W/s)

    def shortcut(self, x: Tensor) -> Tensor:
        """What is added to F(x)."""
        return self._shortcut(x, self.entry(x))  # (B, D, H/s, W/s)

    def _shortcut(self, x: Tensor, entry: Tensor) -> Tensor:
        if self.downsample is None:
            raise TypeError("A plain block has no shortcut.")
        projects = isinstance(self.downsample, nn.Sequential)
        return self.downsample(entry if projects else x)

    def forward(self, x: Tensor) -> Tensor:
        entry = self.entry(x)  # once: BatchNorm counts each call in training
        out = self.branch(entry)  # (B, D, H/s, W/s)
        if self.downsample is not None:
            out = out + self._shortcut(x, entry)
        return out if self.preactivation else self.relu(out)


class BasicBlock(Block):
    """Two 3x3 convolutions; ResNet-18, ResNet-34 and the CIFAR networks."""

    expansion = 1

    def __init__(self, a: Architecture, channels_in: int, width: int, inner: int, stride: int, dilation: int) -> None:
        super().__init__(a, channels_in, width, stride)
        self.conv1 = conv(a, channels_in, inner, 3, stride, dilation)
        self.bn1 = normalisation(a, channels_in if a.preactivation else inner)
        self.conv2 = conv(a, inner, width, 3, dilation=dilation)
        self.bn2 = normalisation(a, inner if a.preactivation else width)

    def branch(self, entry: Tensor) -> Tensor:
        out = self.conv1(entry)  # (B, N, H/s, W/s)
        if self.preactivation:
            return self.conv2(self.relu(self.bn2(out)))  # (B, D, H/s, W/s)
        out = self.relu(self.bn1(out))
        return self.bn2(self.conv2(out))  # (B, D, H/s, W/s)


class Bottleneck(Block):
    """1x1 down to N channels, 3x3, 1x1 up to D = 4 widths; ResNet-50 and deeper."""

    expansion = 4

    def __init__(self, a: Architecture, channels_in: int, width: int, inner: int, stride: int, dilation: int) -> None:
        super().__init__(a, channels_in, width, stride)
        channels_out = width * self.expansion
        stride_1x1, stride_3x3 = (stride, 1) if a.stride_in_1x1 else (1, stride)
        self.conv1 = conv(a, channels_in, inner, 1, stride_1x1)
        self.bn1 = normalisation(a, channels_in if a.preactivation else inner)
        self.conv2 = conv(a, inner, inner, 3, stride_3x3, dilation, a.groups)
        self.bn2 = normalisation(a, inner)
        self.conv3 = conv(a, inner, channels_out, 1)
        self.bn3 = normalisation(a, inner if a.preactivation else channels_out)

    @property
    def last_norm(self) -> nn.Module:
        return self.bn3

    def branch(self, entry: Tensor) -> Tensor:
        out = self.conv1(entry)  # (B, N, H, W)
        if self.preactivation:
            out = self.conv2(self.relu(self.bn2(out)))  # (B, N, H/s, W/s)
            return self.conv3(self.relu(self.bn3(out)))  # (B, D, H/s, W/s)
        out = self.relu(self.bn1(out))
        out = self.relu(self.bn2(self.conv2(out)))  # (B, N, H/s, W/s)
        return self.bn3(self.conv3(out))  # (B, D, H/s, W/s)


def make_stage(a: Architecture, index: int) -> nn.Sequential:
    """Stage `index`: its first block changes stride and channels, the others keep both."""
    block = Bottleneck if a.block == "bottleneck" else BasicBlock
    width, inner = a.widths[index], a.inner_widths[index]
    channels_in = a.widths[index - 1] * block.expansion if index else a.widths[0]
    first = block(a, channels_in, width, inner, a.strides[index], a.dilations[max(index - 1, 0)])
    rest = [block(a, width * block.expansion, width, inner, 1, a.dilations[index]) for _ in range(a.depths[index] - 1)]
    return nn.Sequential(first, *rest)


class ResNet(nn.Module):
    """Stem, stages of blocks, and a head of global average pooling and one linear layer."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a = self.architecture = architecture
        if a.stem == "imagenet":
            self.conv1 = nn.Conv2d(3, a.widths[0], 7, stride=2, padding=3, bias=a.norm == "none")
            self.maxpool: nn.Module = nn.MaxPool2d(3, stride=2, padding=1)
        else:
            self.conv1 = conv(a, 3, a.widths[0], 3)
            self.maxpool = nn.Identity()
        if not a.preactivation:
            self.bn1 = normalisation(a, a.widths[0])
        self.relu = nn.ReLU()
        for index in range(len(a.depths)):
            self.add_module(f"layer{index + 1}", make_stage(a, index))
        if a.preactivation:
            self.bn_last = normalisation(a, a.out_channels)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(a.out_channels, a.num_classes)
        self._initialise()

    def _initialise(self) -> None:
        """Kaiming normal over fan-out (He et al. 2015, arXiv 1502.01852), as torchvision does."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif self.architecture.zero_gamma and isinstance(module, Block):
                # Every branch starts at F(x) = 0: Goyal et al. 2017, arXiv 1706.02677, section 5.1.
                nn.init.zeros_(module.last_norm.get_parameter("weight"))

    @property
    def stages(self) -> dict[str, nn.Sequential]:
        """The stages by name, "layer1" first."""
        return {name: module for name, module in self.named_children() if name.startswith("layer")}  # type: ignore[misc]

    @property
    def blocks(self) -> dict[str, nn.Module]:
        """The blocks by name, "layer1.0" first."""
        return {f"{stage}.{i}": block for stage, body in self.stages.items() for i, block in enumerate(body)}

    def stem(self, x: Tensor) -> Tensor:
        out = self.conv1(x)  # (B, 64, H/2, W/2), or (B, 16, H, W) in the CIFAR stem
        if not self.architecture.preactivation:
            out = self.relu(self.bn1(out))
        return self.maxpool(out)  # (B, 64, H/4, W/4)

    def head(self, x: Tensor) -> Tensor:
        if self.architecture.preactivation:
            x = self.relu(self.bn_last(x))  # (B, D, H, W): V2 closes its last addition here
        out = self.avgpool(x).flatten(1)  # (B, D)
        return self.fc(out)  # (B, K)

    def forward(self, x: Tensor) -> Tensor:
        out = self.stem(x)
        for stage in self.stages.values():
            out = stage(out)
        return self.head(out)


def build(name: str, num_classes: int | None = None, **options: object) -> ResNet:
    """The network `name` with random weights.

    `num_classes` is 1000 for the networks with an ImageNet stem and 10 for those with a CIFAR stem unless
    given; `options` are those of `architectures.Architecture`. Raises ArchitectureError.
    """
    if num_classes is not None:
        options["num_classes"] = num_classes
    return ResNet(describe(name, **options))


def blocks_of(network: ResNet) -> dict[str, Block]:
    """The network's residual or plain blocks by name, "layer1.0" first, without what may replace them."""
    return {name: block for name, block in network.blocks.items() if isinstance(block, Block)}


def block_of(network: ResNet, name: str) -> Block:
    """The block of that name. Raises ArchitectureError for one that the network does not have."""
    blocks = blocks_of(network)
    if name not in blocks:
        raise ArchitectureError("block_unknown", name=network.architecture.name, block=name, blocks=", ".join(blocks))
    return blocks[name]
