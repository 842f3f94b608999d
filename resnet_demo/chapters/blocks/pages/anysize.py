"""Any input size: the map before pooling grows, and what the classifier reads stays as wide as it was."""

from resnet_demo.chapters.blocks.input_size import AtSize, any_size
from resnet_demo.chapters.blocks.pages.input_size_drawing import NARROW, WIDE, svg
from resnet_demo.kit.display_names import title
from resnet_demo.kit.html import html, summary
from resnet_demo.kit.page import Output, Page, dropdown, slider
from resnet_demo.kit.site import Site
from resnet_demo.kit.text import t
from resnet_demo.models.architectures import ARCHITECTURES

SMALLEST, LARGEST = 32, 512


def compute(name: str, size: int) -> tuple[str, AtSize]:
    """Raises ArchitectureError and CountError."""
    return name, any_size(name, [size])[0]


def draw(result: tuple[str, AtSize], language: str) -> tuple[str, str]:
    """Why pooling takes any size; the drawing, and what torch says to a flattening head."""
    name, at = result
    label = t(language, "blocks.anysize.label", network=title(name), side=at.side, channels=at.channels)
    words = {key: t(language, f"blocks.anysize.{key}") for key in ("picture", "map", "gap", "flatten")}
    wide, narrow = (
        svg(at, ARCHITECTURES[name].num_classes, {**words, "label": label}, layout) for layout in (WIDE, NARROW)
    )
    pooled = t(language, "blocks.anysize.pooled", side=at.side, channels=at.pooled)
    return summary(pooled), html(
        "chapters/blocks/pages/anysize.html", language, at=at, wide=wide, narrow=narrow, fits=at.message is None
    )


def names(site: Site) -> list[tuple[str, str]]:
    """Every architecture by its title: for the other pages of the chapter, too."""
    return [(title(name), name) for name in ARCHITECTURES]


PAGE = Page(
    "anysize",
    compute,
    draw,
    controls=(
        dropdown("name", names, "resnet18", label="blocks.architecture"),
        slider("size", SMALLEST, LARGEST, 224, label="blocks.size", info="blocks.anysize.info"),
    ),
    outputs=(Output("answer"), Output("drawing")),
    code=(any_size,),
)
