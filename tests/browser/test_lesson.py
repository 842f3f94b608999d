"""The lesson in a browser: a pupil walks it from the first step to the printed sheet."""

import re

import pytest
from playwright.sync_api import Page, expect

from resnet_demo.kit.text import LANGUAGES, t
from resnet_demo.lesson import STEPS
from tests.browser.conftest import Shoot, Visit, each_screen, settle

each_language = pytest.mark.parametrize("language", LANGUAGES)


def answered(page: Page, name: str, option: int = 0) -> str:
    """Makes a guess in a step, which then shows its answer; returns which option was right."""
    step = page.locator(f"#lesson-{name}-step .step")
    expect(step.locator(".answer")).not_to_be_visible()
    expect(step.locator(".picture > .after")).not_to_be_visible()
    step.locator("[data-guess]").nth(option).click()
    expect(step.locator(".answer")).to_be_visible()
    guess, right = (
        step.locator("[data-guess]").nth(option).get_attribute("data-guess"),
        step.get_attribute("data-right"),
    )
    expect(step.locator(f"[data-when={'right' if guess == right else 'wrong'}]")).to_be_visible()
    expect(step.locator(f"[data-when={'wrong' if guess == right else 'right'}]")).not_to_be_visible()
    return str(right)


def bottom(page: Page, selector: str) -> float:
    """Where an element ends on the page, in pixels from the top."""
    found: float = page.evaluate(
        "(one) => document.querySelector(one).getBoundingClientRect().bottom + scrollY", selector
    )
    return found


@each_screen
def test_a_pupil_walks_from_the_first_step_to_the_sheet(visit: Visit, shoot: Shoot, language: str, width: int) -> None:
    height = 720 if width == 1280 else 844
    page = visit(language, width=width, height=height)
    page.get_by_role("link", name=t(language, "lesson.invite", count=8, minutes=21)).click()
    for number, name in enumerate(STEPS, 1):
        expect(page).to_have_url(re.compile(f"tab=lesson&show={name}"))
        answered(page, name)
        expect(page.locator(".lesson-bar .place")).to_contain_text(str(number))
        shoot(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == 1280:
            bar = page.locator(".lesson-bar").bounding_box()
            assert bar and bottom(page, f"#lesson-page-{name}") <= height - bar["height"]
        page.locator(".lesson-bar .next").click()
    expect(page.locator(".lesson-steps .done")).to_have_count(len(STEPS))
    expect(page.locator("#lesson-after-points li")).to_have_count(10)
    page.locator('.lesson-steps [data-extra="sheet"]').click()
    sheet = page.locator("#lesson-sheet-paper .lesson-sheet")
    expect(sheet.locator("[data-sheet] [data-option] i", has_text="☒")).to_have_count(len(STEPS))
    printed = page.context.new_page()
    printed.set_content(f"<!doctype html>{sheet.evaluate('sheet => sheet.outerHTML')}")
    assert printed.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 2
    printed.close()
    page.reload()
    expect(sheet.locator("[data-sheet] [data-option] i", has_text="☒")).to_have_count(len(STEPS))
    page.locator(".lesson-steps .restart").click()
    expect(page.locator(".lesson-steps .done")).to_have_count(0)
    expect(page).to_have_url(re.compile("show=meet"))


def test_the_lesson_needs_no_mouse(visit: Visit) -> None:
    """A link moves the focus to the title of what it opens; from there the guesses are a few keys on, the bar one back.

    Between title and guesses stand the words that a glossary explains.
    """
    page = visit("en", height=720)

    def reach(key: str, selector: str, most: int) -> None:
        for _ in range(most):
            page.keyboard.press(key)
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is more than {most} keys away")

    page.locator("#skip").focus()
    reach("Tab", '[data-go="lesson/meet"]', 40)
    page.keyboard.press("Enter")
    for name in STEPS:
        expect(page).to_have_url(re.compile(f"tab=lesson&show={name}"))
        step = page.locator(f"#lesson-{name}-step .step")
        expect(step.locator("[data-guess]").first).to_be_visible()
        expect(page.locator(f"#lesson-page-{name} :is(h2, h3):focus")).to_have_count(1)
        settle(page)
        reach("Tab", f"#lesson-{name}-step [data-guess]", 4)
        page.keyboard.press("Space")
        expect(step.locator(".answer")).to_be_visible()
        reach("Shift+Tab", ".lesson-bar .next", 5)
        page.keyboard.press("Enter")
    expect(page.locator(".lesson-steps .done")).to_have_count(len(STEPS))


def test_what_is_right_follows_the_control(visit: Visit) -> None:
    page = visit("en", query="?tab=lesson&show=idea")
    assert answered(page, "idea") == "with"
    page.locator("#lesson-idea-w2 input[type=number]").fill("1")
    page.keyboard.press("Tab")
    step = page.locator("#lesson-idea-step .step")
    expect(step).to_have_attribute("data-right", "same")
    expect(step.locator("[data-when=wrong]")).to_be_visible()
    step.locator(".deeper a").click()
    expect(page.locator("#residual-one_block-cards svg").first).to_be_visible()
    page.go_back()
    expect(step).to_be_visible()


@each_language
def test_it_works_on_a_phone_and_a_word_opens_its_explanation(visit: Visit, shoot: Shoot, language: str) -> None:
    page = visit(language, query="?tab=lesson&show=puzzle", width=390, height=844, dark=language == "zh")
    answered(page, "puzzle")
    shoot(page, "puzzle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#lesson-puzzle-step .term").first.click()
    expect(page.locator("#term-note")).to_be_visible()
    expect(page.locator("#term-note b")).to_have_count(2)


def test_a_question_is_judged_and_explained(visit: Visit) -> None:
    page = visit("en", query="?tab=lesson&show=check&set=7")
    first = page.locator("#lesson-check-questions .self-check").first
    expect(first.locator(".because")).not_to_be_visible()
    first.locator("[data-choice=wrong]").first.click()
    expect(first.locator(".because")).to_contain_text(t("en", "lesson.check.wrong"))
    first.locator("[data-choice=right]").click()
    expect(first.locator(".because")).to_contain_text(t("en", "lesson.check.right"))
