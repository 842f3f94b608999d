"""What the networks are made of: counted in closed form, without torch.

What needs torch is in modules of its own: `trace`, `activations`, `walk`, `responses`, `containers`.
"""

from resnet_demo.anatomy.any_size import AtSize, any_size
from resnet_demo.anatomy.blocks import Row, StageSum, Totals, blocks, stage_sums, totals
from resnet_demo.anatomy.comparison import Pair, compare
from resnet_demo.anatomy.counting import BlockCount, Term, count, reduction
from resnet_demo.anatomy.decisions import Decision, decisions
from resnet_demo.anatomy.kinds import KINDS
from resnet_demo.anatomy.layers import (
    conv_macs,
    conv_parameters,
    conv_size,
    linear_macs,
    linear_parameters,
    norm_parameters,
)
from resnet_demo.anatomy.paper import PaperTable, paper_table
from resnet_demo.anatomy.stack import Layer
from resnet_demo.anatomy.tables import as_csv, as_dict, as_json, as_markdown, table
from resnet_demo.anatomy.vgg import network_rows, vgg19, whole_network

__all__ = [
    "KINDS",
    "AtSize",
    "BlockCount",
    "Decision",
    "Layer",
    "Pair",
    "PaperTable",
    "Row",
    "StageSum",
    "Term",
    "Totals",
    "any_size",
    "as_csv",
    "as_dict",
    "as_json",
    "as_markdown",
    "blocks",
    "compare",
    "conv_macs",
    "conv_parameters",
    "conv_size",
    "count",
    "decisions",
    "linear_macs",
    "linear_parameters",
    "network_rows",
    "norm_parameters",
    "paper_table",
    "reduction",
    "stage_sums",
    "table",
    "totals",
    "vgg19",
    "whole_network",
]
