"""The drawn dataset: seeded, balanced, and its classes are shapes and nothing else."""

import numpy as np
import pytest
import torch

from resnet_demo.data.shapes import SHAPES, shapes


def test_the_same_seed_draws_the_same_pictures() -> None:
    first, again, other = shapes(20, 3), shapes(20, 3), shapes(20, 4)
    assert torch.equal(first.images, again.images)
    assert not torch.equal(first.images, other.images)
    assert (first.images.dtype, tuple(first.images.shape)) == (torch.uint8, (20, 3, 32, 32))
    assert first.labels.tolist() == 2 * list(range(10))
    assert list(first.classes) == list(SHAPES)


# Of the square from -1 to 1, by geometry; a crescent is a disc without the part that a second one covers.
AREAS = {
    "disc": np.pi * 0.81 / 4,
    "ring": np.pi * 0.81 * 0.75 / 4,
    "square": 2 / 4,
    "frame": 2 * 0.75 / 4,
    "triangle": 3 * np.sqrt(3) / 4 * 1.21 / 4,
    "hollow triangle": 3 * np.sqrt(3) / 4 * 1.21 * 0.75 / 4,
    "cross": (2 * 1.9 * 0.56 - 0.56**2) / 4,
}


@pytest.mark.parametrize("name", AREAS)
def test_outlines_have_the_area_of_their_shape(name: str) -> None:
    grid = np.linspace(-1.2, 1.2, 1201, dtype=np.float32)
    x, y = np.meshgrid(grid, grid)
    area = SHAPES[name](x, y).mean() * 2.4**2 / 4
    assert area == pytest.approx(AREAS[name], rel=0.01)


def test_colour_does_not_tell_the_class() -> None:
    """The mean colour of a class lies within the noise of the mean colour of all."""
    drawn = shapes(3000, 0)
    colours = drawn.images.float().mean((2, 3)) / 255  # (N, 3)
    spread = colours.std(0)
    for label in range(10):
        members = colours[drawn.labels == label]
        assert ((members.mean(0) - colours.mean(0)).abs() < 0.5 * spread).all()
