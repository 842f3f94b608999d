"""The example images that are available offline: drawn by the project or included in installed packages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from resnet_demo.errors import PictureError

DRAWN = Path(__file__).parent / "drawn"
"""The drawn scenes as files: `python -m resnet_demo.data.scenes` writes them."""


@dataclass(frozen=True)
class Example:
    """An image to try: `wnid` is the Imagenette class that it shows, None if it shows none of the ten.

    `source` is "drawn", "scikit-learn" or "gradio"; the app's caption is the text `example.<key>`.
    """

    key: str
    wnid: str | None
    source: str
    picture: Callable[[], Image.Image] = field(repr=False, compare=False)

    def open(self) -> Image.Image:
        """The RGB image, read from its file each time. Raises PictureError if its package does not include it."""
        return self.picture()


def drawn(key: str) -> Image.Image:
    """A scene that the project has drawn."""
    with Image.open(DRAWN / f"{key}.webp") as image:
        return image.convert("RGB")


def packaged(package: str, path: str) -> Image.Image:
    """An image inside an installed package, found without importing the package."""
    spec = find_spec(package)
    for folder in spec.submodule_search_locations or () if spec else ():
        file = Path(folder, path)
        if file.is_file():
            with Image.open(file) as image:
                return image.convert("RGB")
    raise PictureError("example_missing", path=path, package=package)


_EXAMPLES = (
    Example("church_drawn", "n03028079", "drawn", partial(drawn, "church_drawn")),
    Example("golf_ball_drawn", "n03445777", "drawn", partial(drawn, "golf_ball_drawn")),
    Example("parachute_drawn", "n03888257", "drawn", partial(drawn, "parachute_drawn")),
    Example("french_horn_drawn", "n03394916", "drawn", partial(drawn, "french_horn_drawn")),
    Example("gas_pump_drawn", "n03425413", "drawn", partial(drawn, "gas_pump_drawn")),
    Example("chain_saw_drawn", "n03000684", "drawn", partial(drawn, "chain_saw_drawn")),
    Example("garbage_truck_drawn", "n03417042", "drawn", partial(drawn, "garbage_truck_drawn")),
    Example("cassette_player_drawn", "n02979186", "drawn", partial(drawn, "cassette_player_drawn")),
    Example("pavilion", None, "scikit-learn", partial(packaged, "sklearn", "datasets/images/china.jpg")),
    Example("flower", None, "scikit-learn", partial(packaged, "sklearn", "datasets/images/flower.jpg")),
    Example("eiffel_tower", None, "gradio", partial(packaged, "gradio", "media_assets/images/tower.jpg")),
    Example("cheetah", None, "gradio", partial(packaged, "gradio", "media_assets/images/cheetah.jpg")),
    Example("lion", None, "gradio", partial(packaged, "gradio", "media_assets/images/lion.jpg")),
)


def examples() -> tuple[Example, ...]:
    """All examples, beginning with those of the ten Imagenette classes."""
    return _EXAMPLES
