"""Common misconceptions, and a switch that prepares the photo wrongly."""

from dataclasses import dataclass

from PIL import Image

from resnet_demo.chapters.gradients.pages.measurements import trained_flow
from resnet_demo.data.preprocessing import Preprocessing
from resnet_demo.explain import explain
from resnet_demo.explain.faithfulness import average_drop
from resnet_demo.kit.format import margins, percent
from resnet_demo.kit.html import html
from resnet_demo.kit.image_input import data_uri, read
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, radio
from resnet_demo.kit.text import t
from resnet_demo.kit.zerogpu import accelerated
from resnet_demo.lesson import misconceptions
from resnet_demo.lesson.misconceptions import Misconception
from resnet_demo.lesson.preprocessing_mistakes import MISTAKES, measured, seen

DEEP_PLAIN = "plain56-cifar10"


@dataclass(frozen=True, eq=False)
class Claims:
    """All claims, and what a network is shown with the chosen mistake beside what it should be shown."""

    claims: tuple[Misconception, ...]
    mistake: str
    right: Image.Image
    wrong: Image.Image


def compute(photo: str | None, pair: str, networks: Networks, mistake: str) -> Claims:
    """Raises PictureError, CheckpointError or ArchitectureError."""
    return claims(networks, pair, read(photo), mistake)


@accelerated
def claims(networks: Networks, pair: str, image: Image.Image, mistake: str) -> Claims:
    classifier = networks.get(pair)
    flow = trained_flow(networks, DEEP_PLAIN, "pictures", 0)
    found = (
        misconceptions.vanishing(flow),
        *misconceptions.from_study(),
        misconceptions.at_eighteen_layers(),
        misconceptions.heat_map(average_drop(classifier, explain(classifier, image))),
        misconceptions.preprocessing(),
    )
    shown: Preprocessing = classifier.preprocessing
    return Claims(found, mistake, shown.crop(image), seen(MISTAKES[mistake], image, shown))


def draw(found: Claims, language: str) -> tuple[str]:
    result = measured()
    filled = html(
        "lesson/pages/misconceptions.html",
        language,
        claims=[(one, t(language, f"lesson.misconceptions.{one.key}.measured", **one.values)) for one in found.claims],
        images=[data_uri(one, "PNG") for one in (found.right, found.wrong)],
        mistake=found.mistake,
        accuracies=[(name, percent(share), 100 * share) for name, share in result["accuracy"].items()],
        count=f"{result['count']:,}",
        margins=margins(language, result["accuracy"].values(), result["count"]),
    )
    return (filled,)


PAGE = Page(
    "misconceptions",
    compute,
    draw,
    controls=(
        radio("mistake", lambda site: [(t(site.initial, f"lesson.mistake.{one}"), one) for one in MISTAKES], "bgr"),
    ),
    outputs=(Output("claims"),),
    uses=("photo", "pair", "networks"),
    lane=MEASURED,
)
