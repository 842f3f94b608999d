"""Roadside scenes: garbage truck and gas pump."""

import math

from PIL import Image

from resnet_demo.data.scenes.canvas import Canvas, Face, arc, curve, lit
from resnet_demo.data.scenes.nature import grass, ground, sky, tree


def garbage_truck() -> Image.Image:
    """A green refuse lorry with a white cab on a street."""
    canvas = Canvas(11)
    sky(canvas, (120, 168, 216), (208, 222, 234), 0.5)
    for x in range(-10, 520, 62):
        tree(canvas, x, 190 + 18 * math.sin(x), 120, 150, (70, 98, 48))
    canvas.fill([(330, 120), (480, 104), (480, 300), (330, 300)], (176, 150, 128), (160, 134, 112), 0, 5)
    canvas.soften(1.6)
    ground(canvas, 264, (118, 118, 120), (150, 150, 150), 8)
    canvas.fill(
        [(40, 372), (140, 402), (380, 384), (460, 360), (440, 340), (60, 350)], (26, 26, 30), blur=7, opacity=0.85
    )
    green, white = (34, 128, 62), (232, 234, 232)
    body, cab = (
        Face(((176, 118), (396, 138), (396, 344), (176, 356))),
        Face(((104, 172), (178, 166), (178, 362), (104, 376))),
    )
    front = Face(((34, 178), (104, 172), (104, 378), (34, 362)))
    canvas.fill([(104, 352), (440, 336), (440, 366), (104, 384)], (36, 38, 40), (24, 24, 26))
    canvas.fill([(396, 138), (438, 156), (458, 250), (452, 346), (396, 344)], lit(green, 0.66), lit(green, 0.5), 0)
    canvas.fill([(402, 210), (448, 232), (448, 322), (402, 330)], lit(green, 0.36), lit(green, 0.26), 90)
    canvas.fill(body, lit(green, 1.08), lit(green, 0.8), 60)
    for rib in range(8):
        u = 0.04 + rib * 0.125
        canvas.fill(body.part(u, 0, u + 0.035, 1), lit(green, 1.35), lit(green, 1.0))
        canvas.fill(body.part(u + 0.035, 0, u + 0.05, 1), lit(green, 0.55), lit(green, 0.45))
    canvas.fill(body.part(0.26, 0.22, 0.72, 0.6), white, lit(white, 0.9))
    canvas.text(body.at(0.49, 0.41), "CITY WASTE", 15, (24, 96, 48))
    canvas.fill(cab, white, lit(white, 0.84), 80)
    canvas.fill([(34, 178), (104, 172), (178, 166), (166, 156), (60, 162)], lit(white, 1.06))
    canvas.fill(cab.part(0.16, 0.08, 0.84, 0.42), (52, 66, 80), (120, 138, 150), 120)
    canvas.line([cab.at(0.08, 0.02), cab.at(0.08, 0.9), cab.at(0.92, 0.9), cab.at(0.92, 0.02)], 1, (150, 152, 152))
    canvas.line([cab.at(0.7, 0.52), cab.at(0.86, 0.52)], 3, (40, 40, 40))
    canvas.fill(front, lit(white, 0.92), lit(white, 0.7))
    canvas.fill(front.part(0.08, 0.06, 0.94, 0.44), (38, 50, 62), (104, 124, 138), 60)
    canvas.fill(front.part(0.14, 0.52, 0.86, 0.68), (50, 52, 54), (30, 30, 32))
    canvas.fill(front.part(0, 0.84, 1, 1), (60, 62, 64), (36, 36, 38))
    for u in (0.14, 0.86):
        canvas.fill(front.disc(u, 0.77, 0.1, 0.035), (250, 248, 226), (190, 190, 180))
    canvas.tube([(26, 192), (26, 226)], 9, (10, 10, 10), (60, 60, 60))
    canvas.tube([(112, 186), (112, 222)], 9, (10, 10, 10), (60, 60, 60))
    canvas.fill([(96, 150), (130, 148), (130, 158), (96, 160)], (250, 150, 20), (200, 100, 10))
    for x, y, r in ((140, 368, 31), (312, 358, 30), (374, 354, 29)):
        canvas.fill(arc((x, y - 4), r + 5, r + 5, 180, 360), (16, 18, 18))
        canvas.fill(arc((x, y), r, r * 1.04, 0, 360), (30, 30, 32), (12, 12, 12))
        canvas.fill(arc((x - 2, y), r * 0.58, r * 0.62, 0, 360), (196, 198, 198), (112, 114, 114))
        canvas.fill(arc((x - 2, y), r * 0.24, r * 0.26, 0, 360), (70, 70, 72), (40, 40, 40))
    return canvas.finish()


def gas_pump() -> Image.Image:
    """An old red and white pump with its hose and nozzle in front of a road."""
    canvas = Canvas(13)
    sky(canvas, (126, 170, 214), (214, 224, 230), 0.5)
    for x in range(0, 520, 70):
        tree(canvas, x, 236 + 12 * math.sin(x), 110, 90, (84, 100, 56))
    canvas.soften(1.6)
    ground(canvas, 262, (150, 146, 138), (170, 166, 156), 12)
    canvas.fill(arc((300, 448), 170, 16, 0, 360), (40, 38, 36), blur=9, opacity=0.75)
    canvas.fill([(120, 436), (330, 446), (400, 430), (400, 446), (330, 466), (120, 454)], (120, 116, 110), (90, 88, 84))
    red, white = (196, 32, 30), (228, 226, 216)
    front, side = (
        Face(((150, 72), (300, 66), (300, 446), (150, 436))),
        Face(((300, 66), (356, 80), (356, 430), (300, 446))),
    )
    canvas.fill(side, lit(white, 0.62), lit(white, 0.5))
    canvas.fill(side.part(0, 0.46, 1, 1), lit(red, 0.6), lit(red, 0.45))
    canvas.fill(side.part(0, 0, 1, 0.13), lit(red, 0.66), lit(red, 0.56))
    canvas.fill(front, lit(white, 1.08), lit(white, 0.86), 60)
    canvas.fill(front.part(0, 0.46, 1, 1), lit(red, 1.12), lit(red, 0.82), 60)
    canvas.fill(front.part(0, 0, 1, 0.13), lit(red, 1.16), lit(red, 0.95))
    canvas.text(front.at(0.5, 0.066), "GASOLINE", 24, (250, 248, 240))
    canvas.fill(front.part(0.08, 0.17, 0.92, 0.42), (60, 62, 64), (90, 92, 94))
    canvas.fill(front.part(0.11, 0.185, 0.89, 0.405), (236, 234, 222), (214, 212, 200))
    for row, words in enumerate(("12.84", "8.450", "1.52")):
        v = 0.2 + row * 0.066
        canvas.fill(front.part(0.34, v, 0.84, v + 0.05), (22, 22, 24), (44, 44, 46))
        canvas.text(front.at(0.59, v + 0.025), words, 16, (240, 236, 214))
        canvas.fill(front.part(0.15, v + 0.012, 0.3, v + 0.03), (90, 88, 84))
    canvas.fill(front.part(0.2, 0.52, 0.8, 0.64), white, lit(white, 0.88))
    canvas.text(front.at(0.5, 0.58), "REGULAR", 18, (30, 50, 120))
    canvas.line(
        [front.at(0.04, 0.49), front.at(0.96, 0.49), front.at(0.96, 0.97), front.at(0.04, 0.97), front.at(0.04, 0.49)],
        1.4,
        lit(red, 0.5),
    )
    canvas.line([front.at(0, 0.455), front.at(1, 0.455), side.at(1, 0.455)], 4, (210, 210, 206))
    rubber, steel = ((8, 8, 8), (30, 30, 32), (96, 96, 100)), ((70, 72, 76), (150, 154, 158), (240, 242, 244))
    canvas.fill(side.part(0.2, 0.24, 0.9, 0.44), (40, 40, 42), (20, 20, 22))
    canvas.tube(
        curve((334, 118), (380, 110), (412, 190), (418, 320), (396, 420), (362, 400), (362, 300), (350, 222)),
        10,
        *rubber,
    )
    canvas.tube(curve((350, 226), (346, 196), (336, 176)), 15, *rubber)
    canvas.tube(curve((338, 182), (330, 164), (316, 160)), 8, *steel)
    canvas.tube(curve((354, 214), (364, 196), (348, 180)), 4, *steel)
    grass(canvas, 452, 490, 260, 16, (120, 120, 60))
    return canvas.finish()
