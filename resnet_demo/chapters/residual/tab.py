"""What does "+ x" do, forward and backward? From one number to real blocks."""

from dataclasses import dataclass
from functools import partial

import gradio as gr

from resnet_demo.chapters.residual.pages import downsampling as residual_halving
from resnet_demo.chapters.residual.pages import fitting as residual_fit
from resnet_demo.chapters.residual.pages import identity_mappings as residual_identity
from resnet_demo.chapters.residual.pages import many_blocks as residual_stack
from resnet_demo.chapters.residual.pages import one_block as residual_hand
from resnet_demo.chapters.residual.pages import zero_gamma as residual_zero
from resnet_demo.chapters.residual.pages.one_block import endpoint
from resnet_demo.kit.format import intro
from resnet_demo.kit.site import Site

KEY = "residual"
__all__ = ["KEY", "Parts", "build", "endpoint", "wire"]


@dataclass(frozen=True)
class Parts:
    """The tab's pages, in their order."""

    hand: residual_hand.Parts
    stack: residual_stack.Parts
    fit: residual_fit.Parts
    identity: residual_identity.Parts
    zero: residual_zero.Parts
    halving: residual_halving.Parts


def build(page: Site) -> Parts:
    page.word(gr.HTML(), value=partial(intro, tab=KEY))
    with gr.Tabs(elem_id="residual-pages"):
        with _page(page, "hand"):
            hand = residual_hand.build(page)
        with _page(page, "stack") as tab:
            stack = residual_stack.build(page, tab)
        with _page(page, "fit"):
            fit = residual_fit.build(page)
        with _page(page, "identity") as tab:
            identity = residual_identity.build(page, tab)
        with _page(page, "zero") as tab:
            zero = residual_zero.build(page, tab)
        with _page(page, "halving") as tab:
            halving = residual_halving.build(page, tab)
    return Parts(hand, stack, fit, identity, zero, halving)


def _page(page: Site, name: str) -> gr.Tab:
    return page.word(gr.Tab(id=name, elem_id=f"residual-page-{name}"), label=f"residual.{name}.title")


def wire(page: Site, parts: Parts) -> None:
    residual_hand.wire(page, parts.hand)
    residual_stack.wire(page, parts.stack)
    residual_fit.wire(page, parts.fit)
    residual_identity.wire(page, parts.identity)
    residual_zero.wire(page, parts.zero)
    residual_halving.wire(page, parts.halving)
