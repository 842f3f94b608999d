"""The public names `blocks` and `count`, under which scripts know them: their chapters define them."""

from resnet_demo.chapters.blocks.rows import blocks
from resnet_demo.chapters.parameters.counting import count

__all__ = ["blocks", "count"]
