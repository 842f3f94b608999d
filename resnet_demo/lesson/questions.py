"""Self-check questions with fresh numbers: what is right is counted by the code of the chapters."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from resnet_demo.chapters.blocks.rows import Row, blocks
from resnet_demo.chapters.degradation.study import TRAINING_PICTURES
from resnet_demo.chapters.gradients.claims import FAR
from resnet_demo.chapters.gradients.kaiming import deviation
from resnet_demo.chapters.parameters.block_kinds import block
from resnet_demo.chapters.parameters.counting import count
from resnet_demo.chapters.parameters.heads import head
from resnet_demo.chapters.residual.one_block import step, weights
from resnet_demo.kit.format import number, percent
from resnet_demo.models.layer_costs import conv_parameters

MOST = 4
SIZES = (96, 128, 160, 192, 224, 256)
KEY = "lesson.check.option."
"""How an option begins that is a text of the catalogue; all others are numbers, alike in every language."""


@dataclass(frozen=True)
class Question:
    """A question. Its texts are `lesson.check.<key>` and `.because`, which takes `right`, too."""

    key: str
    values: Mapping[str, Any]
    options: tuple[str, ...]
    right: str


def asked(rng: Random, key: str, right: str, wrong: Sequence[str], **values: Any) -> Question:
    """With at most `MOST` different options, in random order."""
    options = list(dict.fromkeys((right, *wrong)))[:MOST]
    rng.shuffle(options)
    return Question(key, values, tuple(options), right)


def softmax(rng: Random) -> Question:
    low, apart = rng.randint(-2, 3), rng.randint(1, 3)
    shares = [1 / (1 + math.exp(-d)) for d in (apart, -apart, apart + 1, apart / 2)]
    right, *wrong = (percent(share) for share in shares)
    return asked(rng, "softmax", right, wrong, first=low + apart, second=low, apart=apart)


def accuracy(rng: Random) -> Question:
    total = rng.choice((200, 400, 500, 800))
    hits = rng.randrange(total // 2, total - 10)
    right, *wrong = (percent(one / total) for one in (hits, total - hits, hits - total // 10, hits + 8))
    return asked(rng, "accuracy", right, wrong, hits=hits, total=total)


def crop(rng: Random) -> Question:
    short, long = rng.choice((300, 400, 600)), rng.choice((800, 900, 1200))
    right, *wrong = (percent(share) for share in (short / long, 1.0, (short / long) ** 2, 1 - short / long))
    return asked(rng, "crop", right, wrong, short=short, long=long)


def _last(size: int, stage: str, name: str = "resnet18") -> Row:
    return [row for row in blocks(name, size) if row.stage == stage][-1]


def map_side(rng: Random) -> Question:
    size, stage = rng.choice(SIZES), rng.choice(("layer2", "layer3", "layer4"))
    side = _last(size, stage).output[1]
    return asked(rng, "map_side", str(side), [str(n) for n in (2 * side, 4 * side, size)], size=size, stage=stage)


def cell(rng: Random) -> Question:
    stage = rng.choice(("layer1", "layer2", "layer3", "layer4"))
    right = _last(224, stage).effective_stride
    return asked(rng, "cell", str(right), [str(n) for n in (4, 8, 16, 32) if n != right], stage=stage)


def weight(rng: Random) -> Question:
    gradients = [rng.randint(-4, 9) for _ in range(4)]
    total = sum(gradients)
    right, *wrong = (f"{one:g}" for one in (total / 4, total, max(gradients), total / 2 + 1))
    return asked(rng, "weight", right, wrong, gradients=", ".join(map(str, gradients)), total=total)


def shape(rng: Random) -> Question:
    size, stage = rng.choice(SIZES), rng.choice(("layer2", "layer3", "layer4"))
    name, title = rng.choice((("resnet18", "ResNet-18"), ("resnet50", "ResNet-50")))
    c, h, w = _last(size, stage, name).output
    other = _last(size, stage, "resnet50" if name == "resnet18" else "resnet18").output
    wrong = [" × ".join(map(str, one)) for one in (other, (c, 2 * h, 2 * w), (c // 2, h, w))]
    return asked(rng, "shape", f"{c} × {h} × {w}", wrong, size=size, stage=stage, name=title)


def projection(rng: Random) -> Question:
    before, stride = rng.choice((64, 128, 256)), rng.choice((1, 2))
    after = before * rng.choice((1, 2))
    needed = block("basic", before, channels_out=after, stride=stride).projects
    right, wrong = (KEY + one for one in (("yes", "no") if needed else ("no", "yes")))
    return asked(rng, "projection", right, [wrong], before=before, after=after, stride=stride)


def layers(rng: Random) -> Question:
    depths = [rng.randint(2, 8) for _ in range(4)]
    right, *wrong = (3 * sum(depths) + 2, 2 * sum(depths) + 2, 3 * sum(depths), sum(depths))
    listed = " + ".join(map(str, depths))
    return asked(rng, "layers", str(right), [str(n) for n in wrong], depths=listed, total=sum(depths))


def convolution(rng: Random) -> Question:
    kernel, before, after = rng.choice((1, 3, 5)), rng.choice((32, 64, 256)), rng.choice((64, 128))
    right = conv_parameters(before, after, kernel)
    wrong = [kernel * before * after, right + after * kernel, kernel**2 * (before + after)]
    values = {"kernel": kernel, "before": before, "after": after}
    return asked(rng, "convolution", f"{right:,}", [f"{n:,}" for n in wrong], **values)


def bottleneck(rng: Random) -> Question:
    channels = rng.choice((64, 128, 256, 512))
    kinds = count("bottleneck", channels), count("basic", channels), count("vgg", channels, depth=2)
    right, *wrong = (f"{one.parameters:,}" for one in kinds)
    inside = kinds[0].block.width
    return asked(rng, "bottleneck", right, wrong, channels=channels, inside=inside, numbers=kinds[0].numbers)


def classifier(rng: Random) -> Question:
    classes = rng.choice((10, 100, 200, 1000))
    right, flat = head("resnet50", "gap", classes=classes).parameters, 7 * 7 * 2048 * classes
    return asked(rng, "classifier", f"{right:,}", [f"{n:,}" for n in (flat, right - classes)], classes=classes)


def by_hand(rng: Random) -> Question:
    x, w1, w2 = rng.choice((1, 2, 3)), rng.choice((0.5, 1, 2)), rng.choice((-0.4, -0.2, -0.1, 0.1, 0.3))
    made, plain = (step(x, weights(w1, w2), form) for form in ("residual", "plain"))
    wrong = [f"{n:.2f}" for n in (plain.out, made.branch, float(x))]
    sums = {"act": f"{made.act1:g}", "branch": f"{made.branch:.2f}"}
    return asked(rng, "by_hand", f"{made.out:.2f}", wrong, x=x, w1=w1, w2=w2, **sums)


def difference(rng: Random) -> Question:
    x, change = rng.randint(2, 9), rng.choice((-3, -2, -1, 1, 2))
    wrong = [str(n) for n in (x + change, -change, x)]
    return asked(rng, "difference", str(change), wrong, x=x, target=x + change)


def factors(rng: Random) -> Question:
    blocks_, slope = rng.choice((2, 3)), rng.choice((-0.5, 0.1, 0.5))
    made, plain = (step(1.0, weights(1.0, slope), form) for form in ("clean", "plain"))
    powers = made.factor**blocks_, slope**blocks_, 1 + blocks_ * slope + 1, made.factor
    right, *wrong = (f"{n:.3g}" for n in powers)
    return asked(rng, "factors", right, wrong, blocks=blocks_, slope=plain.branch_gradient)


def product(rng: Random) -> Question:
    factor, layers_ = rng.choice((0.5, 0.8, 0.9, 1.1, 1.5)), rng.choice((10, 20, 50))
    powers = factor**layers_, factor * layers_, (2 - factor) ** layers_, factor ** (layers_ / 2)
    right, *wrong = map(number, powers)
    return asked(rng, "product", right, wrong, factor=factor, layers=layers_)


def in_range(rng: Random) -> Question:
    share = rng.choice((2e-4, 3e-3, 0.04, 0.5, 6.0, 70.0, 800.0, 3e4))
    right = "vanished" if share < 1 / FAR else "exploded" if share > FAR else "in_range"
    options = [KEY + one for one in ("vanished", "in_range", "exploded")]
    return asked(rng, "in_range", KEY + right, options, share=number(share), far=f"{FAR:.0f}")


def kaiming(rng: Random) -> Question:
    kernel, channels = rng.choice((1, 3)), rng.choice((16, 64, 256))
    fan = kernel**2 * channels
    right = deviation("kaiming", fan, fan)
    wrong = [number(n) for n in (right**2, 1 / right, 2 * right)]
    return asked(rng, "kaiming", number(right), wrong, kernel=kernel, channels=channels, fan=fan)


def diagnosis(rng: Random) -> Question:
    train, test = rng.randint(6, 12), rng.randint(14, 18)
    deep_train, deep_test = train + rng.choice((-4, -3, 5, 9)), test + rng.choice((-5, 3, 6))
    worse = deep_test > test
    right = "degradation" if deep_train > train and worse else "overfitting" if worse else "neither"
    options = [KEY + one for one in ("degradation", "overfitting", "neither")]
    numbers = {"train": train, "test": test, "deep_train": deep_train, "deep_test": deep_test}
    return asked(rng, "diagnosis", KEY + right, options, **numbers)


def depth(rng: Random) -> Question:
    blocks_ = rng.choice((3, 5, 7, 9, 12, 18))
    right, *wrong = (str(n) for n in (6 * blocks_ + 2, 3 * blocks_ + 2, 6 * blocks_, 2 * blocks_ + 2))
    return asked(rng, "depth", right, wrong, blocks=blocks_)


def iterations(rng: Random) -> Question:
    epochs, batch = rng.choice((10, 20, 50)), rng.choice((64, 128, 256))
    each = TRAINING_PICTURES // batch
    right, *wrong = (f"{n:,}" for n in (epochs * each, each, epochs * batch, epochs * TRAINING_PICTURES))
    values = {"epochs": epochs, "batch": batch, "images": f"{TRAINING_PICTURES:,}", "each": each}
    return asked(rng, "iterations", right, wrong, **values)


QUESTIONS: dict[str, tuple[Callable[[Random], Question], ...]] = {
    "classify": (softmax, accuracy, crop),
    "gradcam": (map_side, cell, weight),
    "blocks": (shape, projection, layers),
    "parameters": (convolution, bottleneck, classifier),
    "residual": (by_hand, difference, factors),
    "gradients": (product, in_range, kaiming),
    "degradation": (diagnosis, depth, iterations),
}


def questions(chapter: str, set_number: int) -> tuple[Question, ...]:
    """The questions of a chapter in one set: the same numbers for everybody who chooses it."""
    rng = Random(f"{chapter}-{set_number}")
    return tuple(make(rng) for make in QUESTIONS[chapter])
