"""The app as a process: its health, its endpoints, its options, and what it says when something is wrong."""

import io
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import brotli
import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

import app as start
from resnet_demo import serving
from resnet_demo.errors import CheckpointError, DemoError
from resnet_demo.kit.messages import Problem, message
from resnet_demo.kit.text import LANGUAGES, catalogue
from tests.helpers.refused import REFUSED, photograph
from tests.helpers.running import ROOT, App, environment, free_port

PAIR = ["resnet18-imagenette", "plain18-imagenette"]
SIDES = {"layer1": 40, "layer2": 20, "layer3": 10, "layer4": 5}
Saved = Callable[..., Any]
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def client(app: App, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return connect(app, tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return saved(tmp_path_factory.mktemp("pictures"), 0)


def connect(app: App, folder: Path) -> Client:
    return Client(app.url, verbose=False, analytics_enabled=False, download_files=str(folder))


def saved(folder: Path, seed: int) -> Any:
    path = folder / f"{seed}.png"
    photograph(seed=seed).save(path)
    return handle_file(str(path))


def get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.status, answer.read().decode()


def refusal(client: Client, *values: Any, api_name: str) -> str:
    """The message of the error that a script gets."""
    with pytest.raises(AppError) as caught:
        client.predict(*values, api_name=api_name)
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


# ------------------------------------------------------------------------------------------------ the process


def test_healthz_tells_alive_from_ready(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app loads the first networks by itself, before anyone asks."""
    while json.loads(get(f"{app.url}/healthz")[1]) != {"status": "ready"}:
        time.sleep(0.1)
    assert get(f"{app.url}/healthz?ready")[0] == 200
    monkeypatch.setattr(serving, "answering", Event())
    client = TestClient(Starlette(routes=[Route("/healthz", serving.healthz)]))
    answers = [client.get(path) for path in ("/healthz", "/healthz?ready")]
    assert [(one.status_code, one.json()) for one in answers] == [
        (200, {"status": "alive"}),
        (503, {"status": "alive"}),
    ]


def test_thumbnails_are_files_that_a_browser_keeps(app: App) -> None:
    with urllib.request.urlopen(f"{app.url}/thumbnails/church_drawn.jpg", timeout=60) as answer:
        assert "max-age=86400" in answer.headers["Cache-Control"]
        assert Image.open(io.BytesIO(answer.read())).height == 112
    assert get(app.url)[1].count("thumbnails/church_drawn.jpg") == 1
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{app.url}/thumbnails/..%2Fchurch_drawn.jpg")


def test_the_code_behind_a_page_is_a_file_of_its_own(app: App) -> None:
    """The page itself carries none of it."""
    status, code = get(f"{app.url}/code/parameters/heads.json")
    (path, source), *_ = json.loads(code)
    assert status == 200 and source.startswith("def ") and source in (ROOT / path).read_text("utf-8")
    assert "def head(trunk: str" not in get(app.url)[1]
    for wrong in ("parameters/nope", "nope/heads", "kit/source"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(f"{app.url}/code/{wrong}.json")


def test_the_page_weighs_less_than_120_kilobytes(app: App) -> None:
    request = urllib.request.Request(app.url, headers={"Accept-Encoding": "gzip, deflate, br"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
    assert answer.headers["Content-Encoding"] == "br" and len(body) < 120_000
    assert "window.gradio_config" in brotli.decompress(body).decode()


def test_it_prints_where_it_is_and_opens_no_public_link(app: App) -> None:
    assert "Running on local URL:" in app.log
    assert app.url.startswith("http://127.0.0.1:")  # this machine only, unless --host says otherwise
    assert "gradio.live" not in app.log and "public URL" not in app.log


def test_the_page_has_the_title(app: App) -> None:
    status, html = get(app.url)
    assert status == 200 and "ResNet, explained" in html


# ------------------------------------------------------------------------------------------------ endpoints


@each_language
def test_classify(client: Client, picture: Any, language: str) -> None:
    found = client.predict(picture, PAIR, language, api_name="/classify")
    assert [(item["network"], item["parameters"]) for item in found] == [
        ("resnet18", 11_181_642),
        ("plain18", 11_007_818),
    ]
    for item in found:
        assert set(item) == {"network", "weights", "parameters", "milliseconds", "classes"}
        assert (item["weights"], len(item["classes"])) == ("imagenette", 5)
        assert all(entry["name"] == catalogue(language)[f"class.{entry['id']}"] for entry in item["classes"])


@each_language
@pytest.mark.parametrize("layer", SIDES)
def test_compare_cam(client: Client, picture: Any, language: str, layer: str) -> None:
    found = client.predict(picture, *PAIR, "n03028079", layer, "gradcam", language, api_name="/compare_cam")
    assert [item["network"] for item in found] == ["resnet18", "plain18"]
    for item in found:
        assert {"network", "weights", "class", "layer", "logit", "probability", "map", "peak", "agreement"} <= set(item)
        assert np.shape(item["map"]) == (SIDES[layer], SIDES[layer])
        assert item["class"] == {"id": "n03028079", "name": {"en": "church", "zh": "教堂"}[language]}


@each_language
def test_blocks(client: Client, language: str) -> None:
    found = client.predict("resnet18", 224, language, api_name="/blocks")
    assert (found["totals"]["parameters"], found["totals"]["macs"]) == (11_689_512, 1_814_073_344)
    first = found["rows"][0]
    assert (first["name"], first["input"], first["output"]) == ("conv1", [3, 224, 224], [64, 112, 112])
    assert client.predict("vgg19", 224, language, api_name="/blocks")["totals"]["macs"] == 19_632_062_464


@each_language
def test_count_parameters(client: Client, language: str) -> None:
    found = client.predict(256, 64, 3, 56, ["vgg", "bottleneck"], language, api_name="/count_parameters")
    assert [item["parameters"] for item in found] == [1_180_160, 70_400]
    assert round(found[1]["saved_percent"], 2) == 94.03


def test_values_by_name_and_left_out(client: Client) -> None:
    """Every value has a default: what the page shows at first."""
    assert client.predict(api_name="/blocks")["totals"]["parameters"] == 11_689_512
    found = client.predict(kinds=["vgg", "bottleneck"], channels=64, width=16, api_name="/count_parameters")
    assert [item["parameters"] for item in found] == [73_856, 4_544]


# ------------------------------------------------------------------------------------------------ refusals


@each_language
@pytest.mark.parametrize("kind", REFUSED)
def test_refused_pictures(client: Client, language: str, kind: str, tmp_path: Path, picture: Any) -> None:
    file = handle_file(str(REFUSED[kind].write(tmp_path)))
    said = REFUSED[kind].said[language]
    assert refusal(client, file, PAIR, language, api_name="/classify") == said
    assert refusal(client, file, *PAIR, "own", "layer4", "gradcam", language, api_name="/compare_cam") == said
    assert client.predict(picture, PAIR[:1], language, api_name="/classify")


@each_language
def test_no_picture(client: Client, language: str) -> None:
    said = {"en": "No photo yet.", "zh": "还没有照片。"}[language]
    assert refusal(client, None, PAIR, language, api_name="/classify").startswith(said)


@each_language
def test_numbers_that_cannot_be_counted_with(client: Client, language: str) -> None:
    said = refusal(client, 0, 64, 3, 56, ["vgg"], language, api_name="/count_parameters")
    expected = {
        "en": "channels = 0: it must be a whole number from 1 to 1,000,000. The nearest is 1.",
        "zh": "channels = 0 无效：应为 1 到 1,000,000 之间的整数。最接近的是 1。",
    }
    assert said == expected[language]
    said = refusal(client, "resnet18", 5000, language, api_name="/blocks")
    expected = {
        "en": "size = 5000: it must be a whole number from 1 to 4,096. The nearest is 4,096.",
        "zh": "size = 5000 无效：应为 1 到 4,096 之间的整数。最接近的是 4,096。",
    }
    assert said == expected[language]


def test_unknown_names_are_refused_with_the_choices(client: Client, picture: Any) -> None:
    """Gradio compares what is sent with the choices of the control, or, where these follow a network, we do."""
    calls = {
        "resnet9": ("/classify", (picture, [PAIR[0], "resnet9"], "en"), f"Choose one of: {PAIR[0]}"),
        "resnet34-imagenet": (
            "/classify",
            (picture, ["resnet34-imagenet"], "zh"),
            f"这里没有网络 resnet34-imagenet。可选：{PAIR[0]}",
        ),
        "resnet8": ("/compare_cam", (picture, "resnet8", PAIR[1], "own", "layer4", "gradcam", "en"), PAIR[0]),
        "n00000000": ("/compare_cam", (picture, *PAIR, "n00000000", "layer4", "gradcam", "en"), "Choose one of those"),
        "guess": ("/compare_cam", (picture, *PAIR, "own", "layer4", "guess", "zh"), "没有方法 guess。可选：gradcam"),
        "layer5": ("/compare_cam", (picture, *PAIR, "own", "layer5", "gradcam", "en"), "layer4"),
        "resnet7": ("/blocks", ("resnet7", 224, "en"), "resnet152"),
        "klingon": ("/blocks", ("resnet18", 224, "klingon"), "zh"),
    }
    for wrong, (api_name, values, choice) in calls.items():
        said = refusal(client, *values, api_name=api_name)
        assert wrong in said and choice in said


def test_the_raw_answer_to_a_bad_request_holds_no_trace(app: App) -> None:
    """What goes over the wire, without a client that may hide something."""
    body = json.dumps({"data": [None, PAIR, "zh"]}).encode()
    request = urllib.request.Request(f"{app.url}/gradio_api/call/classify", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        event = json.loads(answer.read())["event_id"]
    _, stream = get(f"{app.url}/gradio_api/call/classify/{event}")
    assert stream.startswith("event: error")
    assert json.loads(stream.partition("data: ")[2].strip())["error"] == "还没有照片。请上传一张，或选择一个示例。"
    assert "Traceback" not in stream and ".py" not in stream


def test_expected_errors_leave_no_trace_in_the_log(app: App, client: Client, tmp_path: Path) -> None:
    before = app.log.count("Traceback")
    refusal(client, handle_file(str(REFUSED["empty"].write(tmp_path))), PAIR, "en", api_name="/classify")
    assert app.log.count("Traceback") == before


# ------------------------------------------------------------------------------------------------ two visitors


def test_two_visitors_never_see_each_others_results(app: App, tmp_path: Path) -> None:
    """Both ask for different things at once, again and again; each gets what it gets alone."""
    clients = [connect(app, tmp_path / str(i)) for i in range(2)]
    asked = [
        (clients[i], (saved(tmp_path, i), *pair, target, "layer3", "gradcam", language))
        for i, (pair, target, language) in enumerate([(PAIR, "n03028079", "en"), (PAIR[::-1], "n03888257", "zh")])
    ]
    alone = [visitor.predict(*values, api_name="/compare_cam") for visitor, values in asked]
    assert alone[0][0]["network"] == "resnet18" and alone[1][0]["network"] == "plain18"
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            [pool.submit(visitor.predict, *values, api_name="/compare_cam") for visitor, values in asked]
            for _ in range(5)
        ]
        for pair_of_jobs in jobs:
            for job, expected in zip(pair_of_jobs, alone, strict=True):
                assert_alike(job.result(120), expected)


def assert_alike(found: Sequence[dict[str, Any]], expected: Sequence[dict[str, Any]]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert (one["network"], one["class"], one["layer"]) == (other["network"], other["class"], other["layer"])
        np.testing.assert_allclose(one["map"], other["map"], rtol=1e-4, atol=1e-5)


# ------------------------------------------------------------------------------------------------ options


def command_line(tmp_path: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "app.py", *options],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_without_any_weights_it_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnet_demo.kit.offered_networks.available", lambda: [])
    monkeypatch.setattr("resnet_demo.checkpoints.hub.cached", lambda _: False)
    with pytest.raises(CheckpointError, match=r"no trained networks in weights\. Download") as raised:
        serving.serve(None, None, None, "cpu", False)
    assert "weights 里没有训练好的网络" in message("zh", Problem(raised.value.key, raised.value.values))


def test_help_lists_the_options(tmp_path: Path) -> None:
    done = command_line(tmp_path, "--help")
    assert done.returncode == 0
    options = ("--host", "--port", "--lang", "--device", "--share", "--mcp", "--root-path", "--weights")
    assert all(option in done.stdout for option in options)


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "abacus": False}
    missing = next(name for name, present in there.items() if not present)
    done = command_line(tmp_path, "--device", missing, "--port", str(free_port()))
    assert done.returncode == 2
    assert f"app.py: There is no device {missing} here. Choose auto or one of: " in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_port_that_is_taken_and_one_that_is_none(app: App, tmp_path: Path) -> None:
    for port, words in {app.url.rpartition(":")[2]: "Cannot find empty port", "99999": "0-65535"}.items():
        done = command_line(tmp_path, "--device", "cpu", "--port", port)
        assert done.returncode == 2
        assert done.stderr.startswith("app.py: ") and words in done.stderr
        assert "Traceback" not in done.stderr + done.stdout


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    for host, words in {
        "192.0.2.1": "This machine has no address 192.0.2.1 (",
        "no.such.host.invalid": "0.0.0.0",
    }.items():
        done = command_line(tmp_path, "--device", "cpu", "--host", host)
        assert done.returncode == 2
        assert done.stderr.startswith("app.py: This machine has no address ") and words in done.stderr


def test_options_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[Any, ...]] = []
    monkeypatch.setattr(serving, "serve", lambda *values: given.append(values))
    every = ["--host", "0.0.0.0", "--port", "8000", "--lang", "zh", "--device", "cpu", "--share", "--root-path", "/x"]
    every += ["--max-memory", "2000", "--quiet", "--mcp", "--weights", "runs", "--classroom", "--auth-file", "accounts"]
    for argv in ([], every):
        monkeypatch.setattr(sys, "argv", ["app.py", *argv])
        start.main()
    assert given == [
        (None, None, None, "auto", False, 3000, False, False, (), None, False, None),
        ("0.0.0.0", 8000, "zh", "cpu", True, 2000, True, True, ["runs"], "/x", True, Path("accounts")),
    ]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("", "", "--root-path resnet: give a path that starts with /, such as /resnet"),
        ("GRADIO_ROOT_PATH", "resnet", "GRADIO_ROOT_PATH resnet: give a path that starts with /, such as /resnet"),
        ("GRADIO_SERVER_NAME", "192.0.2.1", r"This machine has no address 192\.0\.2\.1 \("),
    ],
)
def test_a_place_that_cannot_be_served_is_refused_whoever_names_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    for name in ("GRADIO_ROOT_PATH", "GRADIO_SERVER_NAME"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, value)
    with pytest.raises(DemoError, match=said):
        serving.serve(None, None, None, "cpu", False, root_path=None if variable else "resnet")
