"""How the shortcut of a stage's first block is chosen.

`make_shortcut` decides for every residual block, torchvision's `_make_layer` once per stage, because the other blocks
keep the shape.
"""

from dataclasses import dataclass
from typing import Literal

from resnet_demo.chapters.blocks.layers import Shortcut, paper_stage, shortcut_kind
from resnet_demo.models.architectures import Architecture, describe
from resnet_demo.models.layer_costs import conv_parameters, norm_parameters

Reason = Literal["plain", "same", "everywhere", "stride", "channels", "both"]


@dataclass(frozen=True)
class Decision:
    """One stage's decision: is the stride 1, and are the channels equal?

    Attributes:
        stage, paper: "layer2" and "conv3_x".
        blocks: how many blocks the stage has.
        stride, dilation: of its first block; if dilation replaces the stride, `dilated` is True and stride is 1.
        channels_in, channels_out: of its first block; channels_out = width · expansion.
        same_shape: stride == 1 and channels_in == channels_out: x can be added to F(x) as it is.
        option: A, B or C, the network's shortcut where shapes differ (arXiv 1512.03385, section 3.3).
        reason: "plain" (no shortcuts), "same" (shapes match), "everywhere" (they match, but option C projects anyway),
            or what differs: "stride", "channels" or "both".
        shortcut: of the first block, with `parameters`; `others` is that of the later blocks, None if there are none.
    """

    stage: str
    paper: str
    blocks: int
    stride: int
    dilated: bool
    channels_in: int
    width: int
    expansion: int
    same_shape: bool
    option: str
    reason: Reason
    shortcut: Shortcut
    parameters: int
    others: Shortcut | None

    @property
    def channels_out(self) -> int:
        return self.width * self.expansion


def decisions(name: str, **options: object) -> tuple[Decision, ...]:
    """The decision for each stage of the network `name`. Raises ArchitectureError."""
    a = describe(name, **options)
    return tuple(_decide(a, index) for index in range(len(a.depths)))


def _decide(a: Architecture, index: int) -> Decision:
    channels_in = a.widths[index - 1] * a.expansion if index else a.widths[0]
    stride, channels_out = a.strides[index], a.widths[index] * a.expansion
    shortcut = shortcut_kind(a, stride, channels_in, channels_out)
    return Decision(
        stage=f"layer{index + 1}",
        paper=paper_stage(a, index),
        blocks=a.depths[index],
        stride=stride,
        dilated=index > 0 and stride == 1,
        channels_in=channels_in,
        width=a.widths[index],
        expansion=a.expansion,
        same_shape=stride == 1 and channels_in == channels_out,
        option=a.shortcut,
        reason=_reason(a, stride != 1, channels_in != channels_out),
        shortcut=shortcut,
        parameters=_projection(a, channels_in, channels_out) if shortcut == "projection" else 0,
        others=shortcut_kind(a, 1, channels_out, channels_out) if a.depths[index] > 1 else None,
    )


def _reason(a: Architecture, steps: bool, widens: bool) -> Reason:
    if not a.residual:
        return "plain"
    if steps:
        return "both" if widens else "stride"
    if widens:
        return "channels"
    return "everywhere" if a.shortcut == "C" else "same"


def _projection(a: Architecture, channels_in: int, channels_out: int) -> int:
    """Parameters of the 1x1 convolution, with V1's BN after it, or a bias in a network without BN."""
    if a.norm == "none":
        return conv_parameters(channels_in, channels_out, 1, bias=True)
    return conv_parameters(channels_in, channels_out, 1) + (0 if a.preactivation else norm_parameters(channels_out))
