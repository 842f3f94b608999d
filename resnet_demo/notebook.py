"""The app in a notebook's cell."""

from collections.abc import Sequence

from PIL import Image

from resnet_demo.data.pictures import to_rgb
from resnet_demo.serving import launch_options
from resnet_demo.shell import build


def show(
    photo: Image.Image | None = None,
    pair: Sequence[str] = (),
    device: str = "auto",
    language: str | None = None,
    height: int = 900,
) -> str:
    """Opens the app below the cell, at a photograph and a pair of networks; returns its address.

    `pair`: one network or two, such as "resnet18-imagenette" and "plain18-imagenette". It runs until the kernel ends.
    Raises CheckpointError for a network that is not there.
    """
    demo = build(device, photo and to_rgb(photo), pair)
    _, url, _ = demo.launch(
        inline=True, height=height, quiet=True, prevent_thread_lock=True, inbrowser=False, **launch_options(language)
    )
    return str(url)
