"""A map halved three ways: literal pools, and a convolution that learns the filter that least squares finds."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from resnet_demo.chapters.residual.downsampling import MAPS, SIDE, STEPS, TARGETS, desired, halve, sample, training_maps
from resnet_demo.errors import CountError, ResidualError

KERNELS = {
    "average": [[0, 0, 0], [0, 1 / 4, 1 / 4], [0, 1 / 4, 1 / 4]],
    "smooth": [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]],
    "edges": [[-1 / 4, 0, 1 / 4], [-2 / 4, 0, 2 / 4], [-1 / 4, 0, 1 / 4]],
}


def last(name, target, seed=0):
    *_, found = halve(sample(name), target, seed)
    return found, dict(zip(("max", "average", "convolution"), found.ways, strict=True))


def test_pools_of_a_small_map_by_hand():
    picture = np.array([[0, 1, 0, 0], [0, 0, 0, 0], [1, 1, 0.5, 0.5], [1, 1, 0.5, 0.5]], np.float32)
    first = next(halve(picture, "average"))
    largest, mean, _ = first.ways
    assert largest.picture.tolist() == [[1, 0], [1, 0.5]]
    assert mean.picture.tolist() == first.wanted.tolist() == [[0.25, 0], [1, 0.5]]
    assert (largest.mean, largest.largest, mean.mean, mean.largest) == (0.625, 1, 0.4375, 1)
    assert mean.error == 0
    assert largest.error == pytest.approx((0.75**2 / (0.25**2 + 1 + 0.5**2)) ** 0.5)
    assert [way.parameters for way in first.ways] == [0, 0, 10]


@pytest.mark.parametrize("target", KERNELS)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_convolution_learns_the_filter(target, seed):
    found, ways = last("shapes", target, seed)
    assert np.array(found.kernel) == pytest.approx(np.array(KERNELS[target]), abs=2e-3)
    assert abs(found.bias) < 1e-3 and ways["convolution"].error < 0.01
    assert found.losses[-1] < found.losses[0] / 1000


def test_a_maximum_it_cannot_learn_and_least_squares_finds_the_same_best():
    found, ways = last("shapes", "brightest")
    assert ways["max"].error == 0 and ways["convolution"].error > 0.2
    maps = training_maps(np.random.default_rng(0))
    columns = functional.unfold(maps, 3, padding=1, stride=2).transpose(1, 2).reshape(-1, 9).double()
    columns = torch.cat([columns, torch.ones(len(columns), 1)], 1)
    wanted = desired(maps, "brightest").reshape(-1, 1).double()
    best = torch.linalg.lstsq(columns, wanted).solution.flatten()
    floor = (columns @ best - wanted.flatten()).square().mean().item()
    assert floor > 0 and found.losses[-1] == pytest.approx(floor, rel=0.1)


def test_stripes_are_lost_to_both_pools_in_their_own_way():
    _, ways = last("stripes", "smooth")
    assert (ways["max"].picture == 1).all() and (ways["average"].picture == 0.5).all()
    assert ways["max"].spread == ways["average"].spread == 0
    assert ways["max"].recovered == ways["average"].recovered == 0


def test_a_photographs_size_is_halved_too():
    picture = np.random.default_rng(0).uniform(0, 1, (64, 64)).astype(np.float32)
    assert {way.picture.shape for way in next(halve(picture, "edges")).ways} == {(32, 32)}


def test_it_comes_in_parts_and_repeats():
    parts = list(halve(sample("points"), "smooth"))
    assert [len(part.losses) for part in parts] == list(range(0, STEPS + 1, 30))
    assert [part.finished for part in parts] == [False] * 10 + [True]
    again, _ = last("points", "smooth")
    assert (again.kernel, again.losses) == (parts[-1].kernel, parts[-1].losses)
    other, _ = last("points", "smooth", 1)
    assert other.losses != again.losses


def test_the_drawn_maps():
    for name in MAPS:
        picture = sample(name)
        assert picture.shape == (SIDE, SIDE) and picture.dtype == np.float32
        assert picture.min() >= 0 and picture.max() == 1
    assert desired(torch.zeros(1, 1, 4, 4), TARGETS[0]).shape == (1, 1, 2, 2)


def test_an_unknown_target_is_refused():
    with pytest.raises(ResidualError, match="target = median: it must be one of average, smooth, edges, brightest."):
        next(halve(sample("points"), "median"))


@pytest.mark.parametrize(("seed", "said"), [(-1, "= -1"), (2.5, "= 2.5"), (None, "is empty")])
def test_a_seed_that_cannot_be_used_is_refused(seed, said):
    with pytest.raises(CountError, match=f"seed {said}.* whole number from 0 to 1,000,000"):
        next(halve(sample("points"), "edges", seed))
