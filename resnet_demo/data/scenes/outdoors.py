"""Outdoor scenes: parachute, golf ball and church."""

import math

import numpy as np
from PIL import Image

from resnet_demo.data.scenes.canvas import SCALE, Canvas, Face, Point, arc, curve, lit
from resnet_demo.data.scenes.nature import grass, ground, sky, tree


def parachute() -> Image.Image:
    """A jumper under a coloured ram-air canopy."""
    canvas = Canvas(3)
    sky(canvas, (112, 148, 198), (228, 208, 190), 0.35)
    red, yellow, white, blue = (214, 40, 40), (245, 190, 30), (240, 240, 236), (30, 80, 170)
    colours = (red, yellow, white, blue, yellow, red, white, blue, red)

    def point(span: float, chord: float) -> Point:
        angle = math.radians(-64 + 128 * span - 6)
        bulge = 7 * abs(math.sin(math.pi * span * len(colours))) * (1 - chord)
        radius = 176 - 62 * chord * (0.55 + 0.45 * math.cos(angle)) + bulge
        return 240 + radius * 1.08 * math.sin(angle), 232 - radius * 0.94 * math.cos(angle) + 10 * chord

    cells = len(colours)
    for strip in range(cells * 6):
        a, b = strip / (cells * 6), (strip + 1.15) / (cells * 6)
        light = (0.72 + 0.36 * math.sin(math.pi * (strip % 6 + 0.5) / 6)) * (1.08 - 0.3 * a)
        colour = lit(colours[strip // 6], light)
        canvas.fill([point(a, 0), point(b, 0), point(b, 0.72), point(a, 0.72)], colour, lit(colour, 0.8))
        canvas.fill([point(a, 0.7), point(b, 0.7), point(b, 1), point(a, 1)], lit(colour, 0.5), lit(colour, 0.68))
    for cell in range(cells + 1):
        canvas.line([point(cell / cells, 0), point(cell / cells, 1)], 0.8, (60, 50, 60))
        start, side = point(cell / cells, 0.9), -9 if cell < cells / 2 else 9
        canvas.line([start, (238 + side, 352)], 0.8, (70, 75, 90))
    suit = ((24, 26, 36), (50, 54, 70), (104, 110, 130))
    for side in (-1, 1):
        canvas.tube([(238 + side * 9, 352), (238 + side * 13, 372), (238 + side * 7, 384)], 6, *suit)
        canvas.tube(curve((238 + side * 5, 408), (238 + side * 10, 428), (238 + side * 7, 448)), 9, *suit, end_width=6)
        canvas.tube([(238 + side * 7, 448), (238 + side * 12, 452)], 6, (15, 15, 15), (60, 60, 60))
    canvas.tube([(238, 384), (238, 410)], 19, (90, 14, 18), (170, 30, 36), (220, 90, 80))
    canvas.tube([(238, 371), (238, 373)], 14, (120, 120, 124), (220, 220, 220), (255, 255, 255))
    return canvas.finish()


def golf_ball() -> Image.Image:
    """A dimpled ball lying in the grass."""
    canvas = Canvas(5)
    ground(canvas, 0, (60, 104, 34), (96, 140, 70), 20)
    tree(canvas, 90, 20, 330, 130, (44, 74, 34))
    tree(canvas, 380, 10, 300, 110, (52, 84, 36))
    canvas.soften(9)
    grass(canvas, 190, 400, 1500, 34, (72, 124, 38))
    canvas.soften(1.5)
    canvas.fill(arc((262, 388), 150, 34, 0, 360), (16, 34, 10), blur=14, opacity=0.75)
    centre, radius = (236, 256), 132
    side = int(radius * SCALE)
    y, x = np.mgrid[-side : side + 1, -side : side + 1] / side
    inside = x**2 + y**2 <= 1
    normal = np.stack([x, y, np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))], -1)
    tilt = np.zeros_like(normal)
    for index in range(330):  # dimples on a Fibonacci sphere
        z = 1 - 2 * (index + 0.5) / 330
        turn, flat = index * math.pi * (3 - math.sqrt(5)), math.sqrt(1 - z * z)
        dimple = np.array([flat * math.cos(turn), z, flat * math.sin(turn)])
        if dimple[2] < -0.1:
            continue
        reach = 0.115
        left, top = (int(np.clip((c - reach + 1) * side, 0, 2 * side)) for c in dimple[:2])
        region = np.s_[top : top + int(2 * reach * side) + 2, left : left + int(2 * reach * side) + 2]
        away = dimple - normal[region]
        distance = np.linalg.norm(away, axis=-1, keepdims=True) / 0.1
        tilt[region] += away / 0.1 * np.clip(1 - distance**4, 0, 1)
    bent = normal + 0.42 * tilt
    bent /= np.linalg.norm(bent, axis=-1, keepdims=True)
    sun = np.array([-0.5, -0.62, 0.6])
    diffuse = np.clip(bent @ sun, 0, 1)[..., None]
    shine = np.clip(bent @ np.array([-0.28, -0.36, 0.89]), 0, 1)[..., None] ** 60
    below = np.clip(bent[..., 1:2], 0, 1)
    pixels = np.array([96, 104, 112]) + diffuse * np.array([158, 152, 142]) + 40 * shine
    pixels -= below * np.array([46, 22, 52])
    ball = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    canvas.image.paste(
        ball,
        ((centre[0] - radius) * SCALE, (centre[1] - radius) * SCALE),
        Image.fromarray((inside * 255).astype(np.uint8)),
    )
    grass(canvas, 372, 500, 1100, 58, (84, 140, 44))
    return canvas.finish()


def church() -> Image.Image:
    """A white wooden church with a steeple, seen from its front corner."""
    canvas = Canvas(7)
    sky(canvas, (44, 104, 186), (176, 206, 232), 0.4)
    for x, y, w, h in ((30, 320, 130, 170), (440, 310, 150, 190), (355, 340, 110, 110), (100, 345, 90, 90)):
        tree(canvas, x, y, w, h)
    canvas.soften(0.8)
    ground(canvas, 388, (84, 122, 44), (104, 138, 64), 16)
    white, roof = (236, 235, 228), (86, 84, 92)
    side = Face(((232, 268), (424, 296), (424, 388), (232, 404)))
    front = Face(((104, 270), (232, 268), (232, 404), (104, 398)))
    canvas.fill(arc((290, 404), 200, 14, 0, 360), (30, 50, 20), blur=8, opacity=0.6)
    canvas.fill(side, lit(white, 0.72), lit(white, 0.62), 0)
    canvas.fill([(168, 176), (240, 270), (436, 300), (372, 216)], roof, lit(roof, 0.75), 60, 5)
    canvas.fill([*front.corners[1:], front.corners[0], (168, 178)], white, lit(white, 0.92))
    for row in range(1, 26):
        canvas.line([side.at(0, row / 26), side.at(1, row / 26)], 0.5, lit(white, 0.58))
        canvas.line([front.at(0, row / 26), front.at(1, row / 26)], 0.5, lit(white, 0.84))
    canvas.line([(96, 276), (168, 176), (240, 270)], 5, (250, 250, 246))
    for u in (0.1, 0.33, 0.56, 0.79):
        canvas.fill(side.arch(u - 0.02, 0.16, u + 0.13, 0.82), (230, 230, 226))
        canvas.fill(side.arch(u, 0.2, u + 0.11, 0.78), (36, 44, 62), (84, 98, 120))
        canvas.line([side.at(u + 0.055, 0.22), side.at(u + 0.055, 0.78)], 1, (210, 210, 206))
    tower, flank = (
        Face(((130, 128), (196, 126), (196, 402), (130, 400))),
        Face(((196, 126), (222, 134), (222, 396), (196, 402))),
    )
    canvas.fill(tower, lit(white, 1.04), lit(white, 0.95))
    canvas.fill(flank, lit(white, 0.74), lit(white, 0.64))
    for row in range(1, 52):
        canvas.line([tower.at(0, row / 52), tower.at(1, row / 52)], 0.5, lit(white, 0.86))
    canvas.fill([(126, 130), (172, 34), (200, 130)], lit(roof, 1.15), lit(roof, 0.9), grain=5)
    canvas.fill([(200, 130), (172, 34), (227, 137)], lit(roof, 0.72), lit(roof, 0.6), grain=5)
    canvas.fill(
        [(124, 126), (200, 126), (228, 134), (228, 141), (200, 135), (124, 135)], (246, 246, 242), (206, 206, 202)
    )
    canvas.line([(172, 38), (172, 10)], 2.8, (60, 52, 40))
    canvas.line([(163, 19), (181, 19)], 2.8, (60, 52, 40))
    canvas.fill(tower.arch(0.26, 0.08, 0.74, 0.3), (60, 62, 66), (98, 98, 100))
    for slat in range(1, 9):
        canvas.line([tower.at(0.28, 0.12 + slat * 0.02), tower.at(0.72, 0.12 + slat * 0.02)], 1, (150, 150, 148))
    canvas.fill(tower.disc(0.5, 0.47, 0.22, 0.052), (44, 50, 66), (90, 104, 124))
    canvas.fill(tower.arch(0.2, 0.66, 0.8, 1), (246, 246, 242))
    canvas.fill(tower.arch(0.26, 0.69, 0.74, 1), (128, 34, 26), (84, 20, 16))
    canvas.line([tower.at(0.5, 0.7), tower.at(0.5, 1)], 1, (40, 10, 8))
    for u in (0.03, 0.82):
        canvas.fill(front.arch(u, 0.3, u + 0.13, 0.72), (40, 48, 64), (88, 100, 120))
    canvas.fill([(136, 400), (192, 402), (270, 482), (90, 482)], (176, 168, 152), (196, 188, 172), grain=8)
    grass(canvas, 402, 490, 1400, 9, (92, 132, 48))
    return canvas.finish()
