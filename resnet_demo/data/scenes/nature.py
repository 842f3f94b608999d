"""Backgrounds: sky, trees, grass and ground."""

import numpy as np
from PIL import Image, ImageDraw

from resnet_demo.data.scenes.canvas import SCALE, SIZE, Canvas, Colour, lit, mix, noise


def sky(canvas: Canvas, top: Colour, bottom: Colour, cloud: float = 0.5) -> None:
    """Cover the whole image with a sky; `cloud` 0 is clear, 1 is overcast."""
    down = np.linspace(0, 1, SIZE, dtype=np.float32)[:, None, None]
    pixels = np.array(top) * (1 - down) + np.array(bottom) * down
    cover = np.clip((noise(canvas.random, SIZE, SIZE, 3) - 1.1 + 2 * cloud) * 0.9, 0, 0.95)[..., None]
    white = 255 - 45 * np.clip(noise(canvas.random, SIZE, SIZE, 4), 0, 1)[..., None]
    pixels = pixels * (1 - cover) + white * cover
    canvas.image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).resize(canvas.image.size)


def ground(canvas: Canvas, top: float, near: Colour, far: Colour, rough: float = 14) -> None:
    """Cover everything below `top` with rough ground whose colour runs from `far` at the horizon to `near`."""
    height = SIZE - int(top)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    pixels = np.array(far) * (1 - down) + np.array(near) * down
    pixels = pixels + rough * noise(canvas.random, SIZE, height, 12)[..., None]
    pixels += canvas.random.normal(0, rough / 2, (height, SIZE, 1)) * (0.4 + down)
    patch = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).resize((SIZE * SCALE, height * SCALE))
    canvas.image.paste(patch, (0, int(top) * SCALE))


def grass(canvas: Canvas, top: float, bottom: float, blades: int, length: float, colour: Colour) -> None:
    """Draw blades of grass rooted between `top` and `bottom`; nearer ones are longer and brighter."""
    for depth in np.sort(canvas.random.uniform(0, 1, blades)):
        x, y = canvas.random.uniform(-10, SIZE + 10), top + depth * (bottom - top)
        tall = length * (0.35 + 0.65 * depth) * canvas.random.uniform(0.6, 1.3)
        lean = canvas.random.normal(0, 0.35) * tall
        tint = lit(mix(colour, (190, 200, 90), canvas.random.uniform(0, 0.4)), canvas.random.uniform(0.55, 1.25))
        half = 0.4 + tall / 45
        blade = [
            (x - half, y),
            (x + lean * 0.3 - half * 0.7, y - tall * 0.6),
            (x + lean, y - tall),
            (x + lean * 0.3 + half * 0.7, y - tall * 0.6),
            (x + half, y),
        ]
        ImageDraw.Draw(canvas.image).polygon([(a * SCALE, b * SCALE) for a, b in blade], fill=tuple(map(round, tint)))


def tree(canvas: Canvas, x: float, y: float, width: float, height: float, colour: Colour = (62, 92, 40)) -> None:
    """A leafy crown around (x, y), lit from the upper left."""
    draw = ImageDraw.Draw(canvas.image)
    for _ in range(int(90 + width * height / 12)):
        angle, reach = canvas.random.uniform(0, 2 * np.pi), np.sqrt(canvas.random.uniform())
        across, down = np.cos(angle) * reach, np.sin(angle) * reach
        lump = 1 + 0.18 * np.sin(5 * angle + x)
        light = 0.75 - 0.28 * across - 0.42 * down + canvas.random.normal(0, 0.2)
        tint = tuple(map(round, lit(colour, max(0.2, light))))
        px, py, r = (
            (x + across * lump * width / 2) * SCALE,
            (y + down * lump * height / 2) * SCALE,
            canvas.random.uniform(1, 3.2) * SCALE,
        )
        draw.ellipse((px - r, py - r * 0.8, px + r, py + r * 0.8), fill=tint)
