"""The equation of identity mappings on real blocks: exact in V2, inexact in V1, restored by the ReLU's masks."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from resnet_demo.chapters.residual.identity_mappings import BATCH, SIDE, evaluate, seeded
from resnet_demo.errors import CountError
from resnet_demo.models.resnet import build

EXACT = 1e-5


@pytest.mark.parametrize(("name", "seed"), [("resnet20", 0), ("resnet20", 1), ("resnet56", 0)])
def test_exact_in_v2(name, seed):
    found = evaluate(name, True, seed)
    assert max(row.residue for row in found.rows) < EXACT
    assert found.forward_residue < EXACT
    assert all(row.blocked == 0 for row in found.rows)


@pytest.mark.parametrize(("name", "seed"), [("resnet20", 0), ("resnet20", 1), ("resnet56", 0)])
def test_approximate_in_v1_and_the_masks_are_the_reason(name, seed):
    found = evaluate(name, False, seed)
    assert min(row.residue for row in found.rows) > 0.1
    assert max(row.masked for row in found.rows) < EXACT
    assert found.forward_residue > 0.1
    assert all(0.05 < row.blocked < 0.6 for row in found.rows)


@pytest.mark.parametrize(("name", "blocks"), [("resnet20", 3), ("resnet56", 9)])
def test_a_row_for_each_block_of_the_stage(name, blocks):
    assert [row.block for row in evaluate(name, False).rows] == list(range(1, blocks + 1))


@pytest.mark.parametrize("preactivation", [False, True])
def test_the_gradients_are_those_of_the_network_as_it_is(preactivation):
    """Witness: the network's own forward and backward pass, watched from outside by hooks."""
    draw = np.random.default_rng(5)
    network = seeded(build("resnet20", preactivation=preactivation), draw).train()
    pictures = torch.from_numpy(draw.normal(size=(BATCH, 3, SIDE, SIDE)).astype(np.float32))
    seen = []
    for block in network.layer1:
        block.register_forward_pre_hook(lambda _, inputs: (inputs[0].retain_grad(), seen.append(inputs[0]))[1])
    functional.cross_entropy(network(pictures), torch.arange(BATCH)).backward()
    rows = evaluate("resnet20", preactivation, 5).rows
    assert [row.actual for row in rows] == pytest.approx([float(x.grad.norm()) for x in seen], rel=1e-4)


def test_seeds_repeat_and_differ():
    evaluate.cache_clear()
    first = evaluate("resnet20", True, 2)
    evaluate.cache_clear()
    assert evaluate("resnet20", True, 2) == first != evaluate("resnet20", True, 3)


def test_a_seed_is_a_whole_number():
    with pytest.raises(CountError, match=r"seed = -1: .* The nearest is 0\."):
        evaluate("resnet20", True, -1)
