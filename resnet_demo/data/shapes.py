"""A small dataset that is drawn instead of downloaded: ten striped, rotated and scaled shapes on a striped background.

Colour and stripes carry no information about the class; shapes are only lighter than their background on average.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_demo.data.datasets import Pictures

SIDE = 32
Array = NDArray[np.float32]
Outline = Callable[[Array, Array], NDArray[np.bool_]]


def _polygon(corners: int, size: float = 1.0) -> Outline:
    """A regular polygon with its corners on a circle of radius `size`."""
    step = 2 * np.pi / corners

    def inside(x: Array, y: Array) -> NDArray[np.bool_]:
        angle = np.mod(np.arctan2(y, x), step) - step / 2
        return np.hypot(x, y) * np.cos(angle) <= size * np.cos(step / 2)

    return inside


def _star(x: Array, y: Array) -> NDArray[np.bool_]:
    """A star with five points, from radius 0.4 to 1.1."""
    turn = np.abs(np.mod(5 * np.arctan2(y, x) / (2 * np.pi), 1) - 0.5) * 2
    return np.hypot(x, y) <= 0.4 + 0.7 * turn**1.5


def _disc(x: Array, y: Array) -> NDArray[np.bool_]:
    return np.hypot(x, y) <= 0.9


def _cross(x: Array, y: Array) -> NDArray[np.bool_]:
    return (np.minimum(np.abs(x), np.abs(y)) <= 0.28) & (np.maximum(np.abs(x), np.abs(y)) <= 0.95)


def _hollow(outline: Outline) -> Outline:
    return lambda x, y: outline(x, y) & ~outline(2 * x, 2 * y)


SHAPES: dict[str, Outline] = {
    "disc": _disc,
    "ring": _hollow(_disc),
    "square": _polygon(4),
    "frame": _hollow(_polygon(4)),
    "triangle": _polygon(3, 1.1),
    "hollow triangle": _hollow(_polygon(3, 1.1)),
    "star": _star,
    "cross": _cross,
    "half disc": lambda x, y: _disc(x, y) & (y >= -0.1),
    "crescent": lambda x, y: _disc(x, y) & (np.hypot(x - 0.5, y) > 0.75),
}
"""Class name to outline, in units of the shape's radius."""


def shapes(count: int, seed: int) -> Pictures:
    """`count` images of 32 x 32 pixels, cycling through the ten classes; the same seed gives the same images."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % len(SHAPES)
    grid = np.linspace(-1, 1, SIDE, dtype=np.float32)
    x, y = np.meshgrid(grid, grid)  # (32, 32)
    centre = draw.uniform(-0.2, 0.2, (2, count, 1, 1))
    turn, radius = draw.uniform(0, 2 * np.pi, (count, 1, 1)), draw.uniform(0.5, 0.8, (count, 1, 1))
    u, v = (x - centre[0]) / radius, (y - centre[1]) / radius  # (N, 32, 32)
    across, down = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
    figure = np.zeros((count, SIDE, SIDE), np.bool_)
    for label, outline in enumerate(SHAPES.values()):
        members = labels == label
        figure[members] = outline(across[members], down[members])
    painted = np.where(
        figure[:, None], _stripes(draw, x, y, count, (0.35, 1.0)), _stripes(draw, x, y, count, (0.0, 0.65))
    )
    noisy = painted + draw.normal(0, 0.08, painted.shape)
    images = (255 * noisy.clip(0, 1)).astype(np.uint8)
    return Pictures(torch.from_numpy(images), torch.from_numpy(labels), {name: name for name in SHAPES})


def _stripes(draw: np.random.Generator, x: Array, y: Array, count: int, span: tuple[float, float]) -> Array:
    """Stripes of two colours drawn from `span`, of random width and direction: (N, 3, 32, 32)."""
    direction, frequency = draw.uniform(0, 2 * np.pi, (count, 1, 1)), draw.uniform(2, 14, (count, 1, 1))
    phase = draw.uniform(0, 2 * np.pi, (count, 1, 1))
    wave = 0.5 + 0.5 * np.sin(frequency * (x * np.cos(direction) + y * np.sin(direction)) + phase)  # (N, 32, 32)
    first, second = draw.uniform(*span, (2, count, 3, 1, 1))
    mixed: Array = (first * wave[:, None] + second * (1 - wave[:, None])).astype(np.float32)
    return mixed
