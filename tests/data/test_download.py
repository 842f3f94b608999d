"""`fetch imagenette`: the real downloader against a stand-in on localhost, with everything that can go wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from torchvision import datasets

from resnet_demo.__main__ import main
from resnet_demo.data import download
from resnet_demo.data.datasets import find_classes, read
from resnet_demo.errors import DatasetError
from tests.helpers.archives import Server, archive, md5, serving
from tests.helpers.commands import answer, refusal


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """At the address that is asked by itself, with the checksum on record."""
    (tmp_path / "made").mkdir()
    content = archive(tmp_path / "made")
    with serving(content) as server:
        monkeypatch.setattr(download, "URL", server.url)
        monkeypatch.setattr(download, "MD5", md5(content))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("RESNET_DEMO_DATA", str(tmp_path / "data"))
        yield server


def test_address_and_checksum_are_torchvision_s() -> None:
    assert download.URL == "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz"
    assert download.MD5 == "e793b78cc4c9e9a4ccc0c1155377a412"
    assert datasets.Imagenette._ARCHIVES["160px"] == (download.URL, download.MD5)


def test_it_is_fetched_with_a_progress_bar_and_unpacked_as_datasets_are_read(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "imagenette", "--json"]) == 0
    out, err = capsys.readouterr()
    folder = tmp_path / "data" / "imagenette2-160"
    assert json.loads(out) == {"name": "imagenette", "path": str(folder), "fetched": True, "test_photographs": 5}
    assert "100%" in err and "B/s" in err
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["imagenette2-160"]
    assert find_classes("imagenette", tmp_path / "data") == {"n01440764": "tench", "n03028079": "church"}
    assert len(read("imagenette", tmp_path / "data", "test")) == 5


def test_what_is_there_is_not_fetched_again(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "elsewhere"
    answer(capsys, "fetch", "imagenette", "--data-dir", str(folder))
    server.asked.clear()
    found = answer(capsys, "fetch", "imagenette", "--data-dir", str(folder))
    assert (found["fetched"], found["test_photographs"]) == (False, 5)
    assert main(["fetch", "imagenette", "--data-dir", str(folder)]) == 0
    expected = f"imagenette: 5 test photographs were there before, in {folder / 'imagenette2-160'}\n"
    assert capsys.readouterr().out == expected
    assert server.asked == []


def test_a_mirror_takes_the_place_of_the_address_and_not_of_the_checksum(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(server.content) as mirror:
        url = mirror.url.replace("imagenette2-160.tgz", "copy/of.tgz?x=1")
        assert answer(capsys, "fetch", "imagenette", "--mirror", url)["fetched"]
        assert set(mirror.asked) == {"/copy/of.tgz?x=1"}
    assert server.asked == []
    with serving(server.content[:-1] + b"?") as wrong:
        told = refusal(capsys, "fetch", "imagenette", "--mirror", wrong.url, "--data-dir", str(tmp_path / "other"))
    assert told.splitlines()[-1] == (
        f"resnet_demo fetch: What {wrong.url} sent is not Imagenette: its MD5 checksum is not {md5(server.content)}, "
        "or the download stopped early. Try again, or give another address of imagenette2-160.tgz with --mirror."
    )
    assert list((tmp_path / "other").iterdir()) == []


def test_a_cut_download_is_not_unpacked_and_the_next_one_is(server: Server, tmp_path: Path) -> None:
    server.cut = len(server.content) // 2
    with pytest.raises(DatasetError, match="or the download stopped early. Try again"):
        download.fetch_imagenette(tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []
    server.cut = None
    assert download.fetch_imagenette(tmp_path / "data") == (tmp_path / "data" / "imagenette2-160", True)


def test_a_whole_archive_is_unpacked_without_a_download(server: Server, tmp_path: Path) -> None:
    """A killed run leaves the archive, and a part of what it unpacked; a person may have put the archive there."""
    data = tmp_path / "data"
    (data / ".imagenette2-160.partial" / "imagenette2-160" / "train").mkdir(parents=True)
    (data / ".imagenette2-160.partial" / "imagenette2-160" / "train" / "stray").touch()
    (data / "imagenette2-160.tgz").write_bytes(server.content)
    folder, fetched = download.fetch_imagenette(data)
    assert (server.asked, fetched) == ([], True)
    assert not (folder / "train" / "stray").exists()
    assert [path.name for path in data.iterdir()] == ["imagenette2-160"]


def test_a_server_that_refuses_is_named_with_the_remedy(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.status = 404
    told = refusal(capsys, "fetch", "imagenette")
    assert told.splitlines()[-1] == (
        f"resnet_demo fetch: Imagenette cannot be fetched from {server.url} (HTTP Error 404: Not Found). Try again, "
        "give another address with --mirror, or put the archive at "
        f"{tmp_path / 'data' / 'imagenette2-160.tgz'} and run this again."
    )
    assert "unknown url type: 'nowhere'" in refusal(capsys, "fetch", "imagenette", "--mirror", "nowhere")


def test_a_folder_that_cannot_be_made_is_named(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    told = refusal(capsys, "fetch", "imagenette", "--data-dir", str(tmp_path / "file" / "data"))
    assert "Not a directory" in told and server.asked == []


def test_weights_have_no_folder_and_no_mirror_here(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--data-dir", "--mirror"):
        told = refusal(capsys, "fetch", "resnet18", option, "x")
        assert told.startswith(
            "resnet_demo fetch: --data-dir and --mirror are for imagenette. Weights such as resnet18"
        )
