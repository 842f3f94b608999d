"""`deploy` and `publish`: the real client against a stand-in on localhost, and every refusal in one sentence."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from huggingface_hub import constants

from resnet_demo.__main__ import main
from resnet_demo.checkpoints import deploy, hub, space
from resnet_demo.models import load
from tests.helpers.commands import answer, refusal
from tests.helpers.published import publish_untrained
from tests.helpers.standin import TOKEN, Hub, Repository, Space

NAME = "school/resnet"
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one small network, and beside it what must not go along."""
    root = tmp_path_factory.mktemp("project")
    for name in ("README.md", "LICENSE", "app.py", "requirements.txt"):
        shutil.copy(PROJECT / name, root)
    for package in ("models", "kit/text"):
        shutil.copytree(PROJECT / "resnet_demo" / package, root / "resnet_demo" / package)
    shutil.copy(PROJECT / "resnet_demo" / "__init__.py", root / "resnet_demo")
    publish_untrained(root / "weights")
    for path in (".env", "data/photo.jpg", "tests/test_x.py", "resnet_demo/.secret.py", "resnet_demo/notes.docx"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text("private")
    (root / "weights" / "resnet20-cifar10.state.safetensors").write_bytes(b"half")
    (root / "resnet_demo" / "__pycache__").mkdir()
    (root / "resnet_demo" / "__pycache__" / "x.py").write_text("")
    return root


@pytest.fixture
def project(small: Path, standin: Hub, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `deploy` takes for the project."""
    monkeypatch.setattr("resnet_demo.cli.deploy.ROOT", small)
    monkeypatch.setattr("resnet_demo.cli.deploy.check", lambda: space.check(small))
    monkeypatch.setattr(deploy, "INTERVAL", 0.01)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    return small


# ------------------------------------------------------------------------------------------------ what goes there


def test_only_what_runs_is_uploaded(small: Path) -> None:
    names = [file.path for file in space.check(small)]
    assert {name.split("/")[0] for name in names} == {
        "LICENSE",
        "README.md",
        "app.py",
        "requirements.txt",
        "resnet_demo",
        "weights",
    }
    assert [name for name in names if name.startswith("weights/")] == [
        "weights/resnet20-cifar10.json",
        "weights/resnet20-cifar10.safetensors",
    ]
    assert not [name for name in names if "secret" in name or "__pycache__" in name or name.endswith(".docx")]


def test_the_project_as_it_is_can_be_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "deploy", NAME, "--dry-run")
    sizes = {file["path"]: file["size"] for file in found["files"]}
    assert found["bytes"] == sum(sizes.values()) < space.LARGEST
    assert sizes["app.py"] == (PROJECT / "app.py").stat().st_size
    assert {"README.md", "requirements.txt", "resnet_demo/kit/text/zh.json"} <= sizes.keys()
    assert {name.split("/")[0] for name in sizes if "/" in name} == {"resnet_demo", "weights"}


def test_a_dry_run_lists_sizes_and_asks_the_hub_nothing(
    project: Path, standin: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", NAME, "--dry-run"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    size = (project / "app.py").stat().st_size / 1e6
    assert f"{size:10.3f} MB  app.py" in lines
    assert last.endswith(f"MB in {len(lines)} files would go to the Space {NAME}")
    assert standin.seen == []


def test_the_front_matter_preloads_the_pinned_networks() -> None:
    matter = yaml.safe_load((PROJECT / "README.md").read_text("utf-8").split("---\n")[1])
    lines = [line.split() for line in matter["preload_from_hub"]]
    releases = [hub.IMAGENET["resnet18"], hub.IMAGENET["resnet50"]]
    assert lines == [[one.repository, "model.safetensors", one.revision] for one in releases]
    assert [len(commit) for _, _, commit in lines] == [40, 40]


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("README.md", "sdk_version: 6.31.0", "sdk_version: 6.30.0", "has sdk_version = 6.30.0; it must be 6.31.0."),
        ("README.md", "bbd144b3", "00000000", "has preload_from_hub = ['timm/resnet18.tv_in1k model.safetensors 0000"),
        ("requirements.txt", "torch==2.11.0", "torch>=2.11", "torch>=2.11 in requirements.txt is not pinned."),
        ("app.py", "import argparse", f"import argparse  # hf_{'a' * 30}", "holds what looks like an access token."),
    ],
)
def test_what_would_not_run_is_not_uploaded(
    project: Path, standin: Hub, capsys: pytest.CaptureFixture[str], file: str, before: str, after: str, said: str
) -> None:
    text = (project / file).read_text("utf-8")
    assert before in text
    (project / file).write_text(text.replace(before, after), "utf-8")
    try:
        assert said in refusal(capsys, "deploy", NAME)
    finally:
        (project / file).write_text(text, "utf-8")
    assert standin.seen == []


def test_altered_weights_and_too_many_of_them_are_not_uploaded(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = project / "weights" / "resnet20-cifar10.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1])
    assert "does not match its model card" in refusal(capsys, "deploy", NAME)
    weights.write_bytes(content)
    monkeypatch.setattr(space, "LARGEST", 500_000)
    assert "and a Space holds 0 MB. Take weights out" in refusal(capsys, "deploy", NAME)
    (project / "app.py").rename(project / "app")
    try:
        assert f"There is no app.py in {project}." in refusal(capsys, "deploy", NAME)
    finally:
        (project / "app").rename(project / "app.py")


# ------------------------------------------------------------------------------------------------ to the Hub


def test_a_new_space_is_created_filled_and_followed(
    project: Path, standin: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(capsys, "deploy", NAME, "--hardware", "zero", "--private")
    made = standin.repositories[NAME]
    assert isinstance(made, Space)
    assert (made.private, made.hardware) == (True, "zero-a10g")
    assert made.variables == {"GRADIO_ANALYTICS_ENABLED": "False"}
    (commit,) = made.commits
    assert found == {
        "page": f"{standin.url}/spaces/{NAME}",
        "url": f"{standin.url}/host/{NAME}",
        "commit": commit,
    }
    files = made.commits[commit]
    assert sorted(files) == [file.path for file in space.files(project)]
    for name in ("app.py", "weights/resnet20-cifar10.safetensors"):
        assert files[name] == (project / name).read_bytes()
    assert made.stages == ["RUNNING"]


def test_a_space_that_is_there_gets_exactly_these_files(
    project: Path, standin: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    made = standin.repositories[NAME] = Space(hardware="cpu-basic", stages=["RUNNING"])
    made.add({".gitattributes": b"", "resnet_demo/__init__.py": b"", "resnet_demo/old.py": b""})
    assert main(["deploy", NAME, "--hardware", "gpu", "--private"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{NAME} runs at {standin.url}/host/{NAME}, commit ")
    assert err.splitlines()[0] == f"updating the Space {NAME}"
    newest = list(made.commits.values())[-1]
    assert sorted(newest.keys() - {".gitattributes"}) == [file.path for file in space.files(project)]
    assert (made.hardware, made.private) == ("t4-small", True)
    assert made.variables == {"GRADIO_ANALYTICS_ENABLED": "False"}


def test_another_app_is_left_alone(project: Path, standin: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    made = standin.repositories[NAME] = Space()
    made.add({"README.md": b"", "app.py": b"print('another app')"})
    assert refusal(capsys, "deploy", NAME) == (
        f"resnet_demo deploy: The Space {NAME} holds another app. Choose another name, or delete that Space first.\n"
    )
    assert len(made.commits) == 1


def test_a_build_that_fails_ends_with_its_log(project: Path, standin: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    log = [f"line {i}\n" for i in range(30)]
    made = standin.repositories[NAME] = Space(stages=["BUILDING", "BUILD_ERROR"], log=log)
    made.add({"resnet_demo/__init__.py": b""})
    said = refusal(capsys, "deploy", NAME)
    lines = "".join(f"line {i}\n" for i in range(15, 30))
    assert said.endswith(
        f"build error\n{lines}resnet_demo deploy: {NAME} does not run (BUILD_ERROR). Its log ends as above.\n"
    )
    assert "line 14\n" not in said


def test_an_app_that_never_answers_is_given_up(
    project: Path, standin: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploy, "PATIENCE", 0.2)
    standin.repositories[NAME] = Space(stages=["RUNNING"], healthy=False)
    standin.repositories[NAME].add({"resnet_demo/__init__.py": b""})
    assert f"{NAME} does not answer after 0 minutes; its stage is RUNNING." in refusal(capsys, "deploy", NAME)


REFUSALS = {
    "no right": (403, "You don't have the rights", "The access token may not write to school/resnet."),
    "taken": (409, "You already created this", "The name school/resnet is taken. Choose another one."),
    "quota": (403, "Storage quota exceeded", "has reached a limit (Storage quota exceeded). See "),
    "payment": (402, "A subscription is required", "has reached a limit (A subscription is required). See "),
    "token": (401, "Invalid credentials in Authorization header", "does not accept the access token. Make a new one"),
    "else": (500, "Internal error", "refused school/resnet (Internal error). Try again later."),
}


@pytest.mark.parametrize("case", REFUSALS)
@pytest.mark.parametrize("verb", ["deploy", "publish"])
def test_each_refusal_is_one_sentence(
    project: Path, standin: Hub, capsys: pytest.CaptureFixture[str], case: str, verb: str
) -> None:
    status, message, said = REFUSALS[case]
    standin.refuses["/api/repos/create"] = (status, message)
    words = ["deploy", NAME] if verb == "deploy" else ["publish", str(project / "weights"), "--repo", NAME]
    if verb == "publish" and case == "taken":
        standin.refuses = {"/commit/main": (status, message)}
    error = refusal(capsys, *words)
    assert said in error and "Traceback" not in error and error.count("\n") <= 2


@pytest.mark.parametrize("verb", ["deploy", "publish"])
def test_no_token_no_network_no_name(
    project: Path, standin: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    def words(name: str) -> list[str]:
        return ["deploy", name] if verb == "deploy" else ["publish", str(project / "weights"), "--repo", name]

    assert "x is not a name on the Hub. Write OWNER/NAME." in refusal(capsys, *words("x"))
    with monkeypatch.context() as patch:
        patch.delenv("HF_TOKEN")
        assert "There is no access token. Make one that may write at " in refusal(capsys, *words(NAME))
    assert standin.seen == []
    monkeypatch.setattr(constants, "ENDPOINT", "127.0.0.1:9")
    assert "HF_ENDPOINT = 127.0.0.1:9: give a whole address" in refusal(capsys, *words(NAME))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert "http://127.0.0.1:9 cannot be reached. Check the network" in refusal(capsys, *words(NAME))


# ------------------------------------------------------------------------------------------------ publish


def test_a_trained_network_is_published_with_its_card_and_loaded(
    project: Path, standin: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(capsys, "publish", str(project / "weights"), "--repo", NAME, "--license", "cc-by-4.0")
    repository = standin.repositories[NAME]
    assert type(repository) is Repository and found["commit"] in repository.commits
    assert (found["model"], found["url"]) == ("resnet20", f"{standin.url}/{NAME}")
    card = json.loads((project / "weights" / "resnet20-cifar10.json").read_text("utf-8"))
    matter = yaml.safe_load(repository.commits[found["commit"]]["README.md"].decode().split("---\n")[1])
    assert (matter["library_name"], matter["license"], matter["datasets"]) == (
        "resnet-explained",
        "cc-by-4.0",
        ["uoft-cs/cifar10"],
    )
    (result,) = matter["model-index"][0]["results"]
    assert result["dataset"] == {"name": "CIFAR-10", "type": "uoft-cs/cifar10", "split": "test"}
    assert result["metrics"] == [{"type": "accuracy", "value": round(card["accuracy"]["top1"], 4)}]
    assert load("resnet20", NAME, "cpu").card["sha256"] == card["sha256"]


def test_a_folder_of_several_networks_is_asked_which(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "holds 0 trained networks: -. Give the" in refusal(capsys, "publish", str(tmp_path), "--repo", NAME)
    for model in ("resnet20", "plain20"):
        (tmp_path / f"{model}-cifar10.safetensors").touch()
    said = refusal(capsys, "publish", str(tmp_path), "--repo", NAME)
    assert "holds 2 trained networks: plain20-cifar10.safetensors, resnet20-cifar10.safetensors. Give the" in said
