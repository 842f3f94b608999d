"""What one layer costs, in closed form: plain integers, no torch, nothing that overflows.

MACs are multiply-adds of convolutions and linear layers; 1 MAC = one multiplication and one addition = 2 FLOPs.
Every function raises CountError for a number that is not whole or is out of range.
"""

import math
from numbers import Integral, Real

from resnet_demo.errors import CountError

LIMIT = 10**6


def whole(name: str, value: object, low: int = 1, high: int = LIMIT) -> int:
    """`value` as an int. Raises CountError unless it is a whole number from `low` to `high`."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        number: float = int(value)
        if low <= number <= high:
            return int(value)
    elif isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
        number = float(value)
    else:
        raise CountError("count_number", name=name, value=value, low=low, high=high)
    raise CountError(
        "count_whole", name=name, value=value, low=low, high=high, nearest=min(max(round(number), low), high)
    )


def _grouped(channels_in: int, channels_out: int, groups: int) -> int:
    """Channels that each output channel of a convolution reads. Raises CountError unless `groups` divides both."""
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
    """k² · channels in / groups · channels out, and one bias for each channel out."""
    weights = whole("kernel", kernel) ** 2 * _grouped(channels_in, channels_out, groups) * channels_out
    return weights + (channels_out if bias else 0)


def conv_macs(channels_in: int, channels_out: int, kernel: int, size: int, groups: int = 1) -> int:
    """Every weight once for each of the size² pixels that come out. A bias multiplies nothing."""
    return conv_parameters(channels_in, channels_out, kernel, groups) * whole("size", size) ** 2


def conv_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Side of the map out of a convolution or a pooling. Raises CountError where the kernel does not fit."""
    reach = whole("dilation", dilation) * (whole("kernel", kernel) - 1) + 1
    padded = whole("size", size) + 2 * whole("padding", padding, low=0)
    if reach > padded:
        raise CountError("count_reach", value=size, reach=reach, nearest=reach - 2 * padding)
    return (padded - reach) // whole("stride", stride) + 1


def norm_parameters(channels: int) -> int:
    """BatchNorm learns gamma and beta for each channel; its running statistics are no parameters."""
    return 2 * whole("channels", channels)


def linear_parameters(features_in: int, features_out: int, bias: bool = True) -> int:
    """Features in · features out, and one bias for each feature out."""
    return linear_macs(features_in, features_out) + (features_out if bias else 0)


def linear_macs(features_in: int, features_out: int) -> int:
    """Features in · features out."""
    return whole("features_in", features_in) * whole("features_out", features_out)
