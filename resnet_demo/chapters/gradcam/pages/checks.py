"""Can a heat map be believed? One of three checks, as sentences and a chart."""

from collections.abc import Iterator
from typing import Any

from resnet_demo.chapters.gradcam.pages.checks_in_words import verdict
from resnet_demo.chapters.gradcam.pages.choices import fitted
from resnet_demo.chapters.gradcam.pages.maps import SLOWLY
from resnet_demo.chapters.gradcam.pages.measured_checks import CHECKS, CONFIDENCE, Checked, Unchecked, checked, measured
from resnet_demo.chapters.gradcam.pages.measured_maps import Looked, asked, look
from resnet_demo.chapters.gradcam.pages.question import USED
from resnet_demo.explain.faithfulness import average_drop, deletion_insertion, randomisation
from resnet_demo.kit.listeners import MEASURED
from resnet_demo.kit.messages import Problem
from resnet_demo.kit.offered_networks import Networks
from resnet_demo.kit.page import Output, Page, Run, chart, radio
from resnet_demo.kit.site import Site
from resnet_demo.kit.steps_in_thread import Step
from resnet_demo.kit.text import t


def compute(networks: Networks, check: str, **question: Any) -> Checked | Unchecked:
    """The check that is done at once, for this photo alone; the others wait for their button. Raises DemoError."""
    found = look(networks, fitted(networks, asked(**question)))
    return checked(networks, check, found) if check == CONFIDENCE and isinstance(found, Looked) else Unchecked(check)


def run(networks: Networks, check: str, **question: Any) -> Iterator[Step | Checked | Problem]:
    """The steps of a check of the map that is asked for, then what it found."""
    return measured(networks, check, asked(**question))


def check_choices(site: Site) -> list[tuple[str, str]]:
    return [(t(site.initial, f"gradcam.check.{check}.title"), check) for check in CHECKS]


PAGE = Page(
    "checks",
    compute,
    verdict,
    controls=(radio("check", check_choices, CONFIDENCE),),
    outputs=(Output("answer"), chart("chart", "gradcam.checks.chart"), Output("details")),
    uses=USED,
    lane=MEASURED,
    run=Run(run, "gradcam.checks.run", SLOWLY),
    code=(average_drop, deletion_insertion, randomisation),
)
