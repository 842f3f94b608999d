"""Uploads are deleted when no open page has used them for ten minutes, and not before."""

import os
from pathlib import Path

import pytest

from resnet_demo.kit.uploads import Uploads
from resnet_demo.kit.visits import Visits

MINUTE = 60.0


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Server:
    """A folder of uploads whose sweeps come every half minute of a clock that tests move."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.visits = folder, Clock(), Visits()
        self.uploads = Uploads(folder, self.visits, self.clock)

    def upload(self, digest: str = "a1", name: str = "photo.jpg") -> Path:
        path = self.folder / digest / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"pixels")
        self.uploads.received([str(path)])
        return path

    def wait(self, minutes: float) -> None:
        end = self.clock.now + MINUTE * minutes
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + 30)
            self.uploads.sweep()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_a_file_that_nobody_used_goes_after_ten_minutes(server: Server) -> None:
    path = server.upload()
    server.wait(9.5)
    assert path.exists()
    server.wait(0.5)
    assert not path.exists() and not path.parent.exists()


def test_a_file_stays_under_an_open_page_for_91_minutes(server: Server) -> None:
    path = server.upload()
    with server.visits.visit("page"):
        server.uploads.used("page", 7, str(path))
        server.wait(91)
        assert path.exists()
    server.wait(9)
    assert path.exists()
    server.wait(1)
    assert not path.exists()


def test_of_two_visitors_of_one_file_one_leaves(server: Server) -> None:
    path = server.upload()
    with server.visits.visit("stays"):
        with server.visits.visit("leaves"):
            assert server.upload() == path
            for session in ("stays", "leaves"):
                server.uploads.used(session, 7, str(path))
            server.wait(5)
        server.wait(91)
        assert path.exists()
    server.wait(10)
    assert not path.exists()


def test_the_last_of_two_visitors_who_leave_counts(server: Server) -> None:
    path = server.upload()
    for session in ("first", "second"):
        server.uploads.used(session, 7, str(path))
    with server.visits.visit("second"):
        with server.visits.visit("first"):
            server.wait(1)
        server.wait(9)
    server.wait(9)
    assert path.exists()
    server.wait(1)
    assert not path.exists()


def test_a_photograph_that_was_replaced_goes_under_an_open_page(server: Server) -> None:
    old = server.upload("a1")
    with server.visits.visit("page"):
        server.uploads.used("page", 7, str(old))
        server.wait(20)
        new = server.upload("b2")
        server.uploads.used("page", 7, str(new))
        server.wait(9.5)
        assert old.exists()
        server.wait(0.5)
        assert not old.exists() and new.exists()


def test_two_controls_of_a_page_show_two_files(server: Server) -> None:
    paths = [server.upload("a1"), server.upload("b2")]
    with server.visits.visit("page"):
        for control, path in enumerate(paths):
            server.uploads.used("page", control, str(path))
        server.wait(91)
    assert all(path.exists() for path in paths)


def test_a_page_that_loses_its_connection_for_nine_minutes_keeps_its_file(server: Server) -> None:
    path = server.upload()
    with server.visits.visit("page"):
        server.uploads.used("page", 7, str(path))
        server.wait(91)
    server.wait(9)
    with server.visits.visit("page"):
        server.wait(91)
        assert path.exists()


def test_a_locked_phone_finds_its_file_gone_and_sends_it_again(server: Server) -> None:
    path = server.upload()
    with server.visits.visit("phone"):
        server.uploads.used("phone", 7, str(path))
    server.wait(91)
    assert server.uploads.gone(str(path))
    assert server.upload() == path
    assert not server.uploads.gone(str(path))
    with server.visits.visit("phone"):
        server.uploads.used("phone", 7, str(path))
        server.wait(91)
        assert path.exists()


def test_files_of_the_app_itself_stay(server: Server) -> None:
    """Only what was uploaded is deleted: an example's picture lies in the same folder."""
    path = server.folder / "c3" / "image.png"
    path.parent.mkdir()
    path.write_bytes(b"pixels")
    server.uploads.used("page", 7, str(path))
    server.wait(91)
    assert path.exists()


def test_another_name_of_the_same_content_stays(server: Server) -> None:
    path, other = server.upload(name="photo.jpg"), server.upload(name="copy.jpg")
    assert path.parent == other.parent
    with server.visits.visit("page"):
        server.uploads.used("page", 7, str(other))
        server.wait(91)
    assert not path.exists() and other.exists()


def test_what_is_left_of_a_broken_upload_goes(server: Server) -> None:
    part = server.folder / "tmpx1"
    part.write_bytes(b"pix")
    os.utime(part, (server.clock.now, server.clock.now))
    server.wait(9.5)
    assert part.exists()
    server.wait(0.5)
    assert not part.exists()


def test_only_paths_among_the_uploads_are_looked_up(server: Server) -> None:
    for path in ("/nowhere/photo.jpg", "photo.jpg", "", "https://example.org/photo.jpg", f"{server.folder}x/photo.jpg"):
        assert not server.uploads.gone(path)
    assert server.uploads.gone(f"{server.folder}/a1/photo.jpg")


def test_nothing_is_remembered_of_what_is_gone(server: Server) -> None:
    for session in range(50):
        server.uploads.used(str(session), 7, str(server.upload(str(session))))
    server.wait(10)
    assert list(server.folder.iterdir()) == []
    assert (server.uploads._used, server.uploads._shown) == ({}, {})
