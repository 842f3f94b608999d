"""Scenes of single objects: cassette player, French horn and chain saw."""

import math

from PIL import Image

from resnet_demo.data.scenes.canvas import Canvas, Face, arc, curve, lit
from resnet_demo.data.scenes.nature import ground

PAPER = (246, 246, 245)  # the white of a studio background


def cassette_player() -> Image.Image:
    """A portable stereo with two speakers and a cassette behind its window, on a table."""
    canvas = Canvas(17)
    ground(canvas, 0, (206, 202, 194), (226, 224, 218), 3)
    ground(canvas, 330, (128, 84, 50), (150, 104, 66), 9)
    canvas.fill(arc((244, 384), 228, 18, 0, 360), (30, 18, 10), blur=10, opacity=0.8)
    steel, dark = (150, 152, 156), (40, 41, 44)
    handle = curve((64, 150), (66, 84), (110, 72), (370, 72), (414, 84), (416, 150))
    canvas.tube(handle, 13, (14, 14, 16), (50, 50, 54), (140, 140, 146))
    canvas.fill([(28, 146), (452, 146), (438, 128), (44, 128)], lit(steel, 1.3), lit(steel, 1.1))
    front = Face(((28, 146), (452, 146), (450, 384), (30, 384)))
    canvas.fill(front, lit(steel, 1.1), lit(steel, 0.74), 75, 4)
    canvas.fill(front.part(0.03, 0.05, 0.97, 0.27), dark, lit(dark, 0.7))
    canvas.fill(front.part(0.08, 0.08, 0.7, 0.2), (216, 212, 190), (190, 186, 166))
    for tick in range(31):
        u = 0.1 + tick * 0.0193
        canvas.line([front.at(u, 0.1), front.at(u, 0.15 if tick % 5 else 0.18)], 0.8, (60, 40, 30))
    canvas.line([front.at(0.43, 0.08), front.at(0.43, 0.2)], 1.8, (220, 40, 30))
    for u in (0.77, 0.85, 0.93):
        canvas.fill(front.disc(u, 0.15, 0.028, 0.05), (220, 220, 222), (90, 90, 94), 60)
        canvas.line([front.at(u, 0.15), front.at(u + 0.012, 0.11)], 1.4, (30, 30, 30))
    for u in (0.18, 0.82):
        canvas.fill(front.disc(u, 0.64, 0.165, 0.295), (200, 202, 206), (90, 92, 96), 60)
        canvas.fill(front.disc(u, 0.64, 0.15, 0.268), (22, 22, 24), (46, 46, 50))
        canvas.fill(front.disc(u, 0.64, 0.118, 0.21), (62, 63, 67), (30, 30, 32), 60)
        canvas.fill(front.disc(u, 0.64, 0.05, 0.09), (26, 26, 28), (92, 92, 96), 60)
        for ring in range(1, 7):
            for spoke in range(ring * 8):
                angle = spoke * 2 * math.pi / (ring * 8)
                place = front.at(u + 0.022 * ring * math.cos(angle), 0.64 + 0.039 * ring * math.sin(angle))
                canvas.line([place, (place[0] + 1.2, place[1])], 1.2, (14, 14, 14))
    door = front.part(0.365, 0.33, 0.635, 0.78)
    canvas.fill(door, (70, 71, 75), dark)
    canvas.fill(door.part(0.06, 0.1, 0.94, 0.88), (18, 18, 20), (40, 40, 44))
    tape = door.part(0.11, 0.18, 0.89, 0.82)
    canvas.fill(tape, (222, 214, 196), (198, 190, 172))
    canvas.fill(tape.part(0.05, 0.06, 0.95, 0.3), (244, 242, 236))
    canvas.fill(tape.part(0.05, 0.3, 0.95, 0.38), (210, 80, 40))
    canvas.fill(tape.part(0.2, 0.44, 0.8, 0.76), (40, 32, 28), (66, 54, 46))
    for u in (0.3, 0.7):
        canvas.fill(tape.disc(u, 0.6, 0.085, 0.13), (238, 238, 236), (190, 190, 188))
        canvas.fill(tape.disc(u, 0.6, 0.04, 0.06), (30, 30, 30))
    glint = [door.at(0.06, 0.1), door.at(0.5, 0.1), door.at(0.24, 0.88), door.at(0.06, 0.88)]
    canvas.fill(glint, (255, 255, 255), opacity=0.13)
    for key in range(6):
        face = front.part(0.367 + key * 0.045, 0.83, 0.407 + key * 0.045, 0.95)
        canvas.fill(face, (60, 60, 64) if key else (170, 40, 36), (20, 20, 22) if key else (110, 20, 20))
        canvas.line([face.at(0.05, 0.04), face.at(0.95, 0.04)], 1.2, (190, 190, 194))
    return canvas.finish()


def french_horn() -> Image.Image:
    """A brass horn: a round coil of tubes, valves, and a wide bell."""
    canvas = Canvas(19)
    ground(canvas, 0, (44, 20, 24), (70, 34, 36), 8)
    canvas.soften(6)
    brass = ((70, 38, 8), (168, 112, 28), (222, 172, 66), (255, 236, 160), (255, 252, 236))
    pale = ((84, 58, 24), (190, 150, 74), (236, 206, 130), (255, 246, 210), (255, 255, 246))
    canvas.fill(arc((250, 270), 170, 160, 0, 360), (10, 4, 4), blur=20, opacity=0.6)
    canvas.tube(curve((128, 170), (170, 96), (250, 50), (340, 40), (414, 24)), 8, *pale, end_width=6)
    canvas.tube([(412, 25), (424, 22)], 7, *pale, end_width=14)
    canvas.tube(arc((270, 220), 150, 144, 92, 400), 15, *brass)
    canvas.tube(arc((270, 222), 127, 120, 0, 360), 11, *brass)
    canvas.tube(arc((272, 224), 104, 98, -30, 330), 11, *pale)
    for x, top, bottom in ((206, 190, 300), (238, 176, 306), (270, 172, 310), (302, 178, 300)):
        canvas.tube([(x, bottom), *arc((x + 9, top), 9, 10, 180, 360), (x + 18, bottom)], 8, *pale)
    canvas.tube(curve((170, 226), (220, 206), (300, 210), (362, 232)), 10, *brass)
    canvas.tube(curve((178, 262), (230, 276), (300, 268), (370, 250)), 9, *brass)
    for x, y in ((214, 240), (250, 236), (286, 238)):
        canvas.fill(arc((x + 2, y + 3), 17, 17, 0, 360), (40, 20, 6), blur=2, opacity=0.7)
        canvas.fill(arc((x, y), 16, 16, 0, 360), (250, 232, 176), (120, 78, 24), 60)
        canvas.fill(arc((x, y), 11, 11, 0, 360), (150, 104, 40), (246, 222, 150), 60)
        canvas.fill(arc((x, y), 4, 4, 0, 360), (255, 250, 226), (150, 110, 50), 60)
        canvas.tube(curve((x, y - 8), (x - 14, 176), (x - 18, 160)), 4, *pale)
    bell = [*arc((270, 220), 150, 144, 0, 96), *curve((254, 363), (216, 366), (176, 366), (118, 386))]
    canvas.tube(bell, 15, *brass, end_width=100)
    canvas.tube([(420, 212), (420, 226)], 19, *pale)
    canvas.fill(arc((100, 394), 96, 62, 0, 360, 118), (120, 74, 16), (255, 232, 150), 200)
    canvas.fill(arc((98, 395), 91, 57, 0, 360, 118), (250, 214, 120), (112, 64, 14), 25)
    canvas.fill(arc((108, 390), 62, 36, 0, 360, 118), (150, 92, 24), (60, 30, 6), 25, blur=8)
    canvas.fill(arc((122, 384), 30, 17, 0, 360, 118), (24, 10, 2), blur=5)
    return canvas.finish()


def chain_saw() -> Image.Image:
    """A red chain saw, as in a catalogue."""
    canvas = Canvas(23)
    ground(canvas, 0, PAPER, PAPER, 0)
    red, black, steel, dark = (210, 38, 24), (36, 36, 38), (196, 199, 203), (84, 86, 88)
    rubber, shade = ((8, 8, 8), (40, 40, 42), (120, 120, 124)), (112, 112, 116)
    canvas.fill([(20, 300), (260, 300), (452, 350), (440, 384), (240, 388), (30, 348)], shade, blur=9, opacity=0.6)
    bar = [*arc((30, 296), 23, 23, 90, 270), (250, 262), (250, 330)]
    chain = curve((250, 260), (140, 264), (40, 271), (14, 280), (6, 296), (14, 312), (40, 321), (140, 328), (250, 332))
    canvas.fill(bar, lit(steel, 1.2), lit(steel, 0.78), 90, 3)
    canvas.line(chain, 6, (44, 44, 46))
    for (x, y), (ahead, down) in zip(chain[0:-4:8], chain[4::8], strict=False):
        length = math.hypot(ahead - x, down - y)
        up, across = (ahead - x) / length, (y - down) / length
        tooth = [(x, y), (x - across * 9, y - up * 9), (ahead - across * 5, down - up * 5), (ahead, down)]
        canvas.fill(tooth, (150, 152, 156), (40, 40, 42))
    canvas.line([(52, 308), (232, 312)], 1.5, (140, 143, 147))
    canvas.text((140, 294), "TIMBER 45", 24, (190, 30, 24))
    canvas.tube(curve((398, 232), (440, 222), (468, 252), (462, 330), (430, 366), (370, 366)), 20, *rubber)
    body = [(222, 240), (262, 206), (318, 190), (390, 202), (424, 244), (430, 330), (400, 376), (262, 378), (222, 352)]
    canvas.fill(body, lit(red, 1.12), lit(red, 0.6), 75, 5)
    canvas.fill([(262, 206), (318, 190), (390, 202), (420, 236), (336, 222), (238, 234)], lit(red, 1.5), lit(red, 1.1))
    canvas.fill([(222, 248), (296, 240), (308, 330), (290, 372), (228, 352)], dark, black, 70, 5)
    canvas.fill([(236, 262), (290, 258), (293, 278), (238, 284)], (236, 236, 232), (190, 190, 186))
    for x, y in ((246, 306), (278, 308)):
        canvas.fill(arc((x, y), 8, 8, 0, 360), (230, 232, 234), (110, 112, 114), 60)
    canvas.fill(arc((364, 298), 46, 46, 0, 360), lit(red, 0.6), lit(red, 1.2), 60)
    canvas.fill(arc((364, 298), 42, 42, 0, 360), lit(red, 1.1), lit(red, 0.72), 60)
    for slot in range(9):
        y = 268 + slot * 7.5
        half = math.sqrt(36**2 - (y - 298) ** 2)
        canvas.line([(364 - half, y), (364 + half, y)], 3, (40, 8, 6))
    for x, y, r in ((364, 298, 14), (330, 360, 11), (408, 356, 9)):
        canvas.fill(arc((x, y), r, r, 0, 360), dark, black, 60)
    canvas.fill([(322, 200), (384, 208), (398, 226), (330, 216)], dark, black, 60)
    canvas.tube(curve((248, 372), (222, 270), (214, 160), (250, 116), (316, 124), (340, 196)), 17, *rubber)
    canvas.fill([(176, 142), (200, 128), (216, 236), (194, 242)], dark, black, 0)
    canvas.turn(30, 0.97, PAPER)
    return canvas.finish(2)
