"""Step 4: the photo inside a block: x, F(x) and their sum for one channel."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from resnet_demo.chapters.blocks.activations import BlockValues, Map, open_block
from resnet_demo.kit.format import number
from resnet_demo.kit.html import html
from resnet_demo.kit.image_input import data_uri, read
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import radio
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.lesson.step import Answer, Step

BLOCKS = ("layer1.1", "layer2.0", "layer3.1", "layer4.1")
EQUAL = 1.1
"""Sizes that differ by a smaller factor are called the same."""
SIDE = 160


@dataclass(frozen=True, eq=False)
class Inside:
    """A block's feature maps for a photo, and the channel in which F(x) is largest."""

    values: BlockValues
    channel: int

    @property
    def projected(self) -> bool:
        """Whether the shortcut is more than the identity."""
        return "downsample.0" in self.values.inside

    @property
    def added(self) -> Map:
        """What the shortcut carries: x, or its projection."""
        return self.values.x if self.values.shortcut is None else self.values.shortcut

    @property
    def sizes(self) -> tuple[float, float]:
        """Root mean square of what the shortcut carries and of F(x), over all channels."""
        return size(self.added), size(self.values.residual)

    @property
    def right(self) -> str:
        carried, branch = self.sizes
        if max(carried, branch) < EQUAL * min(carried, branch):
            return "same"
        return "carried" if carried > branch else "branch"


def size(values: Map) -> float:
    return float(np.sqrt(np.square(values, dtype=np.float64).mean()))


def compute(photo: str | None, pair: str, networks: Networks, block: str) -> Inside:
    """Raises PictureError, CheckpointError or ArchitectureError."""
    return inside(networks, pair, read(photo), block)


@accelerated
def inside(networks: Networks, pair: str, image: Image.Image, block: str) -> Inside:
    values = open_block(networks.get(pair), image, block)
    return Inside(values, int(np.square(values.residual).mean((1, 2)).argmax()))


def settle(found: Inside, language: str) -> Answer:
    maps = [one[found.channel] for one in (found.added, found.values.residual, found.values.total)]
    reach = max(float(np.abs(one).max()) for one in maps) or 1.0
    carried, branch = found.sizes
    shapes = [" × ".join(map(str, one.shape)) for one in (found.values.x, found.values.residual)]
    values = {
        "block": found.values.block,
        "channel": found.channel,
        "carried": number(carried),
        "branch": number(branch),
        "before": shapes[0],
        "after": shapes[1],
        "shapes": t(
            language,
            f"lesson.block.{'projected' if found.projected else 'identity'}",
            before=shapes[0],
            after=shapes[1],
        ),
    }
    names = ("Wx" if found.projected else "x", "F(x)", "H(x)")
    cells = [(name, data_uri(coloured(one, reach))) for name, one in zip(names, maps, strict=True)]
    picture = html(
        "lesson/pages/block.html",
        language,
        cells=cells,
        crop=data_uri(found.values.crop, "JPEG"),
        values=values,
        reach=number(reach),
    )
    return Answer(found.right, picture, values=values)


def coloured(values: Map, reach: float) -> Image.Image:
    """A feature map (H, W) from blue (-reach) through white (0) to red (reach), enlarged without smoothing."""
    share = np.clip(values / reach, -1, 1)[..., None]
    ends = np.where(share > 0, np.array([178, 24, 43]), np.array([33, 102, 172]))
    rgb = np.rint(255 + np.abs(share) * (ends - 255.0)).astype(np.uint8)
    return Image.fromarray(rgb).resize((SIDE, SIDE), Image.Resampling.NEAREST)


STEP = Step(
    "block",
    3,
    ("carried", "branch", "same"),
    compute,
    settle,
    ("blocks", "block"),
    controls=(radio("block", lambda _: [(name, name) for name in BLOCKS], BLOCKS[0]),),
    uses=("photo", "pair", "networks"),
    lane=MEASURED,
)
PAGE = STEP.page
