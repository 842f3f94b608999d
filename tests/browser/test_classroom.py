"""Eight visitors at once, each with a photograph of its own: everybody gets the answers about it and no others."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Browser

from tests.benchmarks.classroom import ACTIONS, Direct, photographs, record, visit, wrong
from tests.benchmarks.replay import Answers
from tests.helpers.running import App

VISITORS = 8


def test_everybody_gets_the_answers_about_the_own_photograph(browser: Browser, app: App, tmp_path: Path) -> None:
    pictures = photographs(tmp_path, VISITORS)
    recording = record(browser, app.url, pictures[0])
    with ThreadPoolExecutor(1) as pool:  # Playwright keeps a loop of its own in this thread
        found = pool.submit(lambda: asyncio.run(visit(app.url, recording, pictures, 0, 0))).result()
    assert len(found.opened) == VISITORS
    assert {name: len(times) for name, times in found.actions.items()} == dict.fromkeys(ACTIONS, VISITORS)
    assert found.wrong == []


def test_another_visitors_answer_would_be_noticed(tmp_path: Path) -> None:
    own, other = photographs(tmp_path, 2)
    direct = Direct()
    html = "".join(
        f'<span class="what">{name}</span><span class="share">{share}</span>' for name, share in direct.bars(other)
    )
    config = {
        "components": [{"id": 1, "props": {"elem_id": "classify-results"}}],
        "dependencies": [{"id": 5, "outputs": [1]}],
    }
    answers = Answers(0.0, 0, {5: [[html]]})
    assert wrong(direct, "photograph", answers, config, other) == ""
    assert wrong(direct, "photograph", answers, config, own).startswith("photograph: [(")
