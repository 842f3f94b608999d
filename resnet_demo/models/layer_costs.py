"""The cost of one layer in closed form: plain integers without overflow, without torch.

MACs are multiply-adds of convolutions and linear layers; 1 MAC = one multiplication and one addition = 2 FLOPs.
Every function raises CountError for a number that is not an integer or is out of range.
"""

import math

from resnet_demo.checks import LIMIT as LIMIT
from resnet_demo.checks import whole as whole
from resnet_demo.errors import CountError


def _grouped(channels_in: int, channels_out: int, groups: int) -> int:
    """The input channels that each output channel reads. Raises CountError unless `groups` divides both numbers."""
    shared = math.gcd(whole("channels_in", channels_in), whole("channels_out", channels_out))
    if shared % whole("groups", groups):
        raise CountError(
            "count_groups",
            value=groups,
            channels_in=channels_in,
            channels_out=channels_out,
            nearest=min((d for d in range(1, shared + 1) if shared % d == 0), key=lambda d: abs(d - groups)),
        )
    return channels_in // groups


def conv_parameters(channels_in: int, channels_out: int, kernel: int, groups: int = 1, bias: bool = False) -> int:
    """k² · input channels / groups · output channels, plus one bias per output channel."""
    weights = whole("kernel", kernel) ** 2 * _grouped(channels_in, channels_out, groups) * channels_out
    return weights + (channels_out if bias else 0)


def conv_macs(channels_in: int, channels_out: int, kernel: int, size: int, groups: int = 1) -> int:
    """One for each weight and each of the size² output pixels. Biases do not multiply."""
    return conv_parameters(channels_in, channels_out, kernel, groups) * whole("size", size) ** 2


def conv_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Side of the output of a convolution or pooling. Raises CountError if the kernel does not fit."""
    reach = whole("dilation", dilation) * (whole("kernel", kernel) - 1) + 1
    padded = whole("size", size) + 2 * whole("padding", padding, low=0)
    if reach > padded:
        raise CountError("count_reach", value=size, reach=reach, nearest=reach - 2 * padding)
    return (padded - reach) // whole("stride", stride) + 1


def norm_parameters(channels: int) -> int:
    """BatchNorm learns gamma and beta for each channel; its running statistics are not parameters."""
    return 2 * whole("channels", channels)


def linear_parameters(features_in: int, features_out: int, bias: bool = True) -> int:
    """Input features · output features, plus one bias per output feature."""
    return linear_macs(features_in, features_out) + (features_out if bias else 0)


def linear_macs(features_in: int, features_out: int) -> int:
    """Input features · output features."""
    return whole("features_in", features_in) * whole("features_out", features_out)
