"""A canvas for drawn scenes: shapes with light, grain and soft edges, drawn large and scaled down at the end.

Coordinates are pixels of the finished image, x to the right and y down; colours are (red, green, blue) in 0 ... 255.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = 480  # side of the finished image
SCALE = 2  # drawn this many times larger, so that edges come out smooth

Point = tuple[float, float]
Colour = tuple[float, float, float]


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """The colour at a fraction `t` of the way from `a` to `b`; t > 1 goes beyond `b`."""
    red, green, blue = (min(255.0, max(0.0, p + (q - p) * t)) for p, q in zip(a, b, strict=True))
    return red, green, blue


def lit(colour: Colour, factor: float) -> Colour:
    """The colour under more (factor > 1) or less light."""
    return mix((0, 0, 0), colour, factor)


def arc(centre: Point, rx: float, ry: float, start: float, end: float, turn: float = 0) -> list[Point]:
    """Points on an ellipse between two angles, rotated by `turn`; in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, max(8, int(abs(end - start) / 4))))
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return [
        (
            centre[0] + rx * math.cos(a) * cos - ry * math.sin(a) * sin,
            centre[1] + rx * math.cos(a) * sin + ry * math.sin(a) * cos,
        )
        for a in angles
    ]


def curve(*points: Point) -> list[Point]:
    """A smooth line through the points (Catmull-Rom spline)."""
    p = np.array([points[0], *points, points[-1]], dtype=float)
    t = np.linspace(0, 1, 24, endpoint=False)[:, None]
    pieces = [
        b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return [(float(x), float(y)) for x, y in np.concatenate([*pieces, p[-1:]])]


def noise(random: np.random.Generator, width: int, height: int, cells: int, octaves: int = 5) -> np.ndarray:
    """Smooth noise around 0: random grids of `cells`, then 2, 4, ... times as many at half the height."""
    total = np.zeros((height, width), dtype=np.float32)
    for octave in range(octaves):
        side = cells * 2**octave
        grid = Image.fromarray(random.uniform(-1, 1, (side, side)).astype(np.float32))
        total += np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC)) / 2**octave
    return total


@dataclass(frozen=True)
class Face:
    """A flat face in perspective: corners clockwise from the left-top; u runs right, v runs down, 0 ... 1."""

    corners: tuple[Point, Point, Point, Point]

    def at(self, u: float, v: float) -> Point:
        a, b, c, d = np.array(self.corners, dtype=float)
        x, y = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c)
        return float(x), float(y)

    def part(self, u0: float, v0: float, u1: float, v1: float) -> "Face":
        """The face of the rectangle between (u0, v0) and (u1, v1)."""
        return Face((self.at(u0, v0), self.at(u1, v0), self.at(u1, v1), self.at(u0, v1)))

    def disc(self, u: float, v: float, ru: float, rv: float) -> list[Point]:
        """An ellipse lying on the face."""
        return [self.at(*p) for p in arc((u, v), ru, rv, 0, 360)]

    def arch(self, u0: float, v0: float, u1: float, v1: float) -> list[Point]:
        """A rectangle whose upper side is a round arch."""
        top = arc(((u0 + u1) / 2, v0 + (v1 - v0) * 0.3), (u1 - u0) / 2, (v1 - v0) * 0.3, 180, 360)
        return [self.at(*p) for p in [*top, (u1, v1), (u0, v1)]]


class Canvas:
    """A square image under construction, with its own seeded random numbers."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.image = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE))

    def fill(
        self,
        shape: Face | Sequence[Point],
        colour: Colour,
        to: Colour | None = None,
        angle: float = 90,
        grain: float = 2.5,
        blur: float = 0,
        opacity: float = 1,
    ) -> None:
        """Paint a polygon, `colour` to `to` along `angle` (degrees, 90 = downward), with `grain` levels of noise."""
        corners = shape.corners if isinstance(shape, Face) else shape
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon([(x * SCALE, y * SCALE) for x, y in corners], fill=round(255 * opacity))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * SCALE))
        box = mask.getbbox()
        if box is None:
            return
        y, x = np.mgrid[box[1] : box[3], box[0] : box[2]].astype(np.float32)
        along = x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))
        share = ((along - along.min()) / max(1e-6, np.ptp(along)))[..., None]
        start = np.array(colour, dtype=np.float32)
        pixels = start + share * (np.array(to or colour, dtype=np.float32) - start)
        pixels += self.random.normal(0, grain, along.shape)[..., None]
        self.image.paste(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), box[:2], mask.crop(box))

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a flat line."""
        flat = [(x * SCALE, y * SCALE) for x, y in points]
        ImageDraw.Draw(self.image).line(flat, tuple(map(round, colour)), max(1, round(width * SCALE)), joint="curve")

    def tube(self, points: Sequence[Point], width: float, *ramp: Colour, end_width: float | None = None) -> None:
        """Draw a round rod along `points`, flaring to `end_width`; the ramp runs from shaded edge to highlight."""
        draw = ImageDraw.Draw(self.image)
        p = np.array(points, dtype=float) * SCALE
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(p, axis=0).T))])
        steps = np.linspace(0, length[-1], max(2, int(length[-1] / max(1.0, width * SCALE / 8))))
        flare = (steps / length[-1]) ** 3
        radii = (width + flare * ((width if end_width is None else end_width) - width)) * SCALE / 2
        xs, ys = np.interp(steps, length, p[:, 0]), np.interp(steps, length, p[:, 1])
        for t in np.linspace(0, 1, 14):
            place = t * (len(ramp) - 1)
            low = min(int(place), len(ramp) - 2)
            colour = tuple(map(round, mix(ramp[low], ramp[low + 1], place - low)))
            for x, y, r in zip(xs - radii * 0.3 * t, ys - radii * 0.35 * t, radii * (1 - 0.85 * t), strict=True):
                draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def text(self, centre: Point, words: str, height: float, colour: Colour) -> None:
        """Write words centred on a point, in the font included in Pillow."""
        font = ImageFont.load_default(height * SCALE)
        place = (centre[0] * SCALE, centre[1] * SCALE)
        ImageDraw.Draw(self.image).text(place, words, tuple(map(round, colour)), font, anchor="mm")

    def soften(self, radius: float) -> None:
        """Blur everything drawn so far."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * SCALE))

    def turn(self, degrees: float, zoom: float, around: Colour) -> None:
        """Rotate everything drawn so far clockwise about the centre and scale it; gaps are filled with `around`."""
        middle = SIZE * SCALE / 2
        cos, sin = math.cos(math.radians(degrees)) / zoom, math.sin(math.radians(degrees)) / zoom
        matrix = (cos, sin, middle * (1 - cos - sin), -sin, cos, middle * (1 - cos + sin))
        self.image = self.image.transform(
            self.image.size,
            Image.Transform.AFFINE,
            matrix,
            Image.Resampling.BICUBIC,
            fillcolor=tuple(map(round, around)),
        )

    def finish(self, grain: float = 3) -> Image.Image:
        """The image at its final size, with the slight blur and grain of a camera."""
        small = self.image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.5))
        pixels = np.asarray(small) + self.random.normal(0, grain, (SIZE, SIZE, 1))
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
