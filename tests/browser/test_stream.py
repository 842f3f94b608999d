"""The stream of answers: Gradio's server closes it when it owes none, while the page may have asked again."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit, settle


@pytest.mark.parametrize("arrives", ["before", "after"])
def test_a_question_that_crosses_the_end_of_the_stream_is_answered(visit: Visit, arrives: str) -> None:
    """The stream reaches the page late, as over a slow network, `before` or `after` the next question has arrived."""
    page = visit("en")
    cards = page.locator("#classify-results .card")
    expect(cards).to_have_count(2)
    settle(page)
    held: list[Route] = []
    page.route("**/queue/data*", lambda route: route.continue_() if held else held.append(route))
    page.locator("#classify-chosen input").first.uncheck()
    while not held:
        page.wait_for_timeout(50)
    ended = held[0].fetch()
    if arrives == "before":
        page.route("**/queue/join*", lambda route: (held[0].fulfill(response=ended), route.continue_()), times=1)
    with page.expect_response("**/queue/join*") as joined:
        page.locator("#tab-gradcam-button").click()
    joined.value.finished()
    if arrives == "after":
        held[0].fulfill(response=ended)
    expect(page.locator("#gradcam-maps-pair canvas")).to_have_count(2)
    page.locator("#tab-classify-button").click()
    expect(cards).to_have_count(1)
