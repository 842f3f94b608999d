"""Networks on torch's meta device: shapes are real there, numbers do not exist, so a ResNet-152 costs nothing."""

import torch
from torch import nn

from resnet_demo.models import build


def on_meta(name: str, **options: object) -> nn.Module:
    with torch.device("meta"):
        return build(name, **options).eval()


def numel(*modules: nn.Module | None) -> int:
    return sum(p.numel() for module in modules if module is not None for p in module.parameters())
