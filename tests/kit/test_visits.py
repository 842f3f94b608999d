"""What the server remembers of its visitors: little for each, and of open pages before closed ones."""

import tracemalloc

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from resnet_demo.kit.visits import Session, Sessions, Visits
from resnet_demo.shell import build


@pytest.fixture(scope="module")
def demo() -> gr.Blocks:
    return build("cpu", "en")


def bytes_of(kind: type[SessionState], demo: gr.Blocks) -> float:
    """Of one of five new sessions."""
    kind(demo)
    tracemalloc.start()
    kept = [kind(demo) for _ in range(5)]
    found = tracemalloc.get_traced_memory()[0] / len(kept)
    tracemalloc.stop()
    return found


def test_a_session_leaves_out_the_configuration_of_the_components(demo: gr.Blocks) -> None:
    gradios, ours = bytes_of(SessionState, demo), bytes_of(Session, demo)
    assert ours < gradios / 10


def test_a_session_holds_states_and_changed_components(demo: gr.Blocks) -> None:
    session = Session(demo)
    state = next(block for block in demo.blocks.values() if isinstance(block, gr.State))
    number = next(block for block in demo.blocks.values() if isinstance(block, gr.Number))
    session[state._id] = {"a": 1}
    changed = gr.Number(7)
    session[number._id] = changed
    session._update_value_in_config(number._id, 9)
    assert session[state._id] == {"a": 1}
    assert session[number._id] is changed
    assert not any(session.config_values.values())
    other = Session(demo)
    assert other[state._id] != {"a": 1}
    assert other[number._id] is number


def holder(capacity: int) -> tuple[Sessions, Visits]:
    with gr.Blocks() as demo:
        gr.State(0)
    demo.state_session_capacity = capacity
    visits = Visits()
    return Sessions(visits, demo), visits


def test_the_session_used_longest_ago_makes_room() -> None:
    sessions, _ = holder(2)
    for name in ("a", "b", "a", "c"):
        sessions[name]
    assert list(sessions.session_data) == ["a", "c"]
    assert set(sessions.time_last_used) == {"a", "c"}


def test_a_closed_page_makes_room_before_an_open_one() -> None:
    sessions, visits = holder(2)
    with visits.visit("open"):
        for name in ("open", "script1", "script2", "script3"):
            sessions[name]
        assert list(sessions.session_data) == ["open", "script3"]


def test_where_all_pages_are_open_the_oldest_makes_room() -> None:
    sessions, visits = holder(2)
    with visits.visit("a"), visits.visit("b"), visits.visit("c"):
        for name in ("a", "b", "c"):
            sessions[name]
        assert list(sessions.session_data) == ["b", "c"]


def test_a_page_is_open_until_its_last_connection_ends() -> None:
    visits = Visits()
    with visits.visit("a"):
        with visits.visit("a"):
            assert visits.is_open("a")
        assert visits.is_open("a")
    assert not visits.is_open("a")
