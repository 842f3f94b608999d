"""Where a class opens the app of its teacher's machine."""

import socket

import pytest

from resnet_demo.errors import DemoError
from resnet_demo.kit.classroom import address, qr_drawing, qr_text
from resnet_demo.kit.header import classroom


def test_an_address_that_was_given_is_the_address() -> None:
    assert address("192.168.7.5", 7860) == "http://192.168.7.5:7860/"


@pytest.mark.parametrize("host", [None, "0.0.0.0"])
def test_the_address_is_one_of_this_machine(host: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: None)
    monkeypatch.setattr(socket.socket, "getsockname", lambda _: ("10.1.2.3", 5))
    assert address(host, 80) == "http://10.1.2.3:80/"


def test_a_machine_in_no_network_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    with pytest.raises(DemoError, match=r"in no network .* \(Network is unreachable\)\. .* --host"):
        address(None, 7860)


def test_the_codes_are_squares_with_a_quiet_zone() -> None:
    """29 modules a side for 25 to 32 characters, and four of white around them: version 2 is 25, plus 8."""
    text = "http://192.168.1.20:7860/"
    lines = qr_text(text).splitlines()
    assert {len(line) for line in lines if "█" in line} == {33}
    assert 'viewBox="0 0 33 33"' in qr_drawing(text, "Join") and "<title>Join</title>" in qr_drawing(text, "Join")


def test_a_class_sees_address_and_code() -> None:
    shown = classroom("en", "http://192.168.1.20:7860/")
    assert ">http://192.168.1.20:7860/<" in shown and "<svg" in shown and 'popovertarget="joining"' in shown
