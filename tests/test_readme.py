"""README, README.zh-CN, CONTRIBUTING and weights/README.md keep their word: commands, tree, results, examples."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from PIL import Image

from resnet_demo.__main__ import main
from resnet_demo.chapters.blocks.rows import blocks, totals
from resnet_demo.chapters.degradation import imagenette_twins
from resnet_demo.chapters.degradation.ablation_study import cuts
from resnet_demo.chapters.degradation.study import PAPER_ITERATIONS, study, table
from resnet_demo.checkpoints.load import WEIGHTS
from resnet_demo.cli.arguments import parser
from resnet_demo.data.examples import examples
from resnet_demo.kit.display_names import title
from resnet_demo.kit.layout import shown

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8")
NETWORKS = (ROOT / "weights" / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
START = "python -m pip install -r requirements.txt && python app.py"
TEST = "python -m pip install -r requirements.txt -r tests/requirements.txt && python -m pytest"


def test_there_are_exactly_two_set_up_lines():
    assert re.findall(r"^python -m pip install .*$", README, re.MULTILINE) == [START, TEST]


def test_continuous_integration_runs_the_line_of_the_readme():
    pattern = re.search(r"sed -n '/(.*)/p' README.md", (ROOT / ".ci/run").read_text("utf-8"))
    assert pattern
    assert re.findall(pattern[1], README, re.MULTILINE) == [TEST]


def test_the_pythons_that_are_named_include_those_of_the_tools_the_space_and_the_container():
    (named,) = re.findall(r"^On a machine with Python (.*), to use it:$", README, re.MULTILINE)
    versions = re.findall(r"3\.\d+", named)
    assert versions == ["3.11", "3.12", "3.13"]
    assert re.findall(r"3\.1\d", CHINESE.split("```")[0]) == versions
    assert yaml.safe_load(README.split("---\n")[1])["python_version"].rpartition(".")[0] in versions
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert settings["project"]["requires-python"] == f">={versions[0]}"
    assert settings["tool"]["mypy"]["python_version"] == versions[0]
    assert settings["tool"]["ruff"]["target-version"] == f"py{versions[0].replace('.', '')}"


def test_front_matter_is_what_a_space_takes():
    matter = yaml.safe_load(README.split("---\n")[1])
    pins = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text("utf-8").split())
    assert matter["sdk"] == "gradio"
    assert matter["sdk_version"] == pins["gradio"] == "6.31.0"
    assert matter["app_file"] == "app.py"
    assert len(matter["short_description"]) <= 60
    assert matter["python_version"] in ("3.10.13", "3.12.12")  # what ZeroGPU offers
    assert pins["torch"] in ("2.8.0", "2.9.1", "2.10.0", "2.11.0")


def test_the_commands_of_deploy_run_as_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    """As a dry run: nothing is uploaded from here."""
    section = README.split("## Deploy")[1].split("\n## ")[0]
    commands = re.findall(r"^python -m resnet_demo (deploy .*)$", section, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        words = shlex.split(command.removesuffix(" --dry-run"))
        assert main([*words, "--dry-run"]) == 0
        assert capsys.readouterr().out.endswith("files would go to the Space USER/NAME\n")


def test_every_requirement_is_pinned():
    for name, first in (("requirements.txt", []), ("tests/requirements.txt", ["-c ../constraints.txt"])):
        lines = (ROOT / name).read_text("utf-8").splitlines()
        assert [line for line in lines if not re.fullmatch(r"[\w-]+==[\d.]+", line)] == first


def test_it_is_short():
    assert len(README.splitlines()) < 200


@pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh"])
def test_the_tree_names_every_folder(text: str) -> None:
    tree = text.split("```\napp.py")[1].split("```")[0]
    named = set(re.findall(r"([\w/]+)/(?=\s)", tree))
    package = ROOT / "resnet_demo"
    folders = {path.parent for path in package.rglob("*.*") if "__pycache__" not in path.parts} - {package}
    assert {name.split("/")[-1] for name in named} == {one.name for one in folders} | {
        "weights",
        "resnet_demo",
        "tests",
    }


def test_the_two_languages_have_the_same_commands_and_examples():
    assert README.count("## ") == CHINESE.count("## ")
    blocks_of_code = [re.findall(r"```(?:python)?\n(.*?)```", text, re.DOTALL) for text in (README, CHINESE)]
    english, chinese = ([code for code in found if not code.startswith("app.py")] for found in blocks_of_code)
    assert [without_comments(code) for code in english] == [without_comments(code) for code in chinese]
    assert "(README.zh-CN.md)" in README and "(README.md)" in CHINESE


def without_comments(code: str) -> list[str]:
    return [line.partition("  #")[0] for line in code.splitlines()]


@pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh"])
def test_every_option_of_the_app_is_named(text: str) -> None:
    options = re.findall(r'"(--[a-z-]+)"', (ROOT / "app.py").read_text("utf-8"))
    assert len(options) == 12
    table = text.split("`python app.py`")[1].split("\n\n")[0]
    assert [option for option in options if f"`{option}" not in table] == []


@pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh"])
def test_every_verb_is_named(text: str) -> None:
    section = "\n".join(re.findall(r"^## (?:Train|Deploy|训练|部署)\n.*?(?=^## )", text, re.MULTILINE | re.DOTALL))
    (verbs,) = (action.choices for action in parser()._actions if action.dest == "verb")
    assert [verb for verb in verbs if not re.search(rf"`{verb}\b|resnet_demo {verb} ", section)] == []


def test_every_link_and_path_leads_somewhere():
    for name, text in {"": README + CHINESE + CONTRIBUTING, "weights": NETWORKS}.items():
        linked = re.findall(r"\]\((?!https?:)([^)#]*)[^)]*\)", text)
        assert linked
        paths = re.findall(r"`((?:resnet_demo|tests)/[\w/.-]+)`", text)
        made_in_the_example = {"resnet_demo/chapters/parameters/pages/kernel.py"}
        missing = [path for path in linked if not (ROOT / name / path).exists()]
        missing += [path for path in paths if not (ROOT / path).exists() and path not in made_in_the_example]
        assert missing == []


def test_the_page_of_contributing_is_one():
    """Its module as it stands there, shown with a value, and with the texts that it is said to need."""
    (code,) = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)
    found: dict[str, Any] = {}
    exec(compile(dedent(code), "CONTRIBUTING.md", "exec"), found)
    site: Any = SimpleNamespace(initial="en")
    assert shown(found["PAGE"], "parameters", site, 3) == "<p>589,824</p>"
    assert [one.name for one in found["PAGE"].controls] == ["size"]


def test_what_contributing_names_is_there():
    named = re.findall(r"`([A-Z_]{4,}|_\w+)` (?:of|in) `(resnet_demo/[\w/]+\.py|tests/[\w/]+\.py)`", flat(CONTRIBUTING))
    assert len(named) >= 8
    for name, path in named:
        assert re.search(rf"\b{name}\b", (ROOT / path).read_text("utf-8")), (name, path)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_commit_hooks_are_the_checks_of_continuous_integration():
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert local["repo"] == "local"
    run = (ROOT / ".ci/run").read_text("utf-8")
    for hook in local["hooks"]:
        assert f"{hook['entry']} ." in run or f"{hook['entry']}\n" in run


def test_the_speeds_are_those_of_the_long_table():
    long = {row.split(" | ")[0].strip("|* "): row for row in re.findall(r"^\| .*\|$", NETWORKS, re.MULTILINE)}
    table = README.split("## How fast")[1].split("\n## ")[0]
    said = re.findall(r"\b\d+\.\d\b", table)
    lines = [
        "A: the pair's forward passes, nothing else",
        "B: **the pair's predictions and Grad-CAMs**, from the photograph (`explain`)",
        "pytorch-grad-cam as its README, from the photograph to the overlay",
        "another class",
        "another method (LayerCAM)",
    ]
    assert said == [long[line].split(" | ")[1] for line in lines]
    assert re.findall(r"\b\d+\.\d\b", CHINESE.split("## 速度")[1].split("\n## ")[0]) == said


def test_the_table_of_results_is_that_of_the_cards():
    rows = re.findall(r"^\| \w+Net-\d+ \|.*$", NETWORKS, re.MULTILINE)
    cards = [
        json.loads(path.read_text("utf-8"))
        for path in (one.with_suffix(".json") for one in WEIGHTS.glob("*.safetensors"))
    ]
    expected = {
        f"| {title(card['model'])} | {accuracy(card)} "
        f"| {card['parameters']:,} | {macs(card):,} | {card['best_epoch']} of {card['recipe']['epochs']} "
        f"| {card['seconds']:,.0f} | {', '.join(str(run['seed']) for run in runs(card))} |"
        for card in cards
    }
    assert set(rows) == expected
    assert len(rows) == len(expected) >= 2
    sizes = {f"MACs at {card['preprocessing']['size']} px" for card in cards}
    assert set(re.findall(r"MACs at \d+ px", NETWORKS)) == sizes


def accuracy(card):
    """Of the file that is shipped, and over seeds where there are several."""
    shipped = f"{card['accuracy']['top1']:.2%} of {card['accuracy']['count']:,}"
    if "seeds" not in card:
        return shipped
    return f"{shipped}; over seeds {100 * card['seeds']['mean']:.2f} ± {100 * card['seeds']['std']:.2f}%"


def runs(card):
    return card["seeds"]["runs"] if "seeds" in card else [card]


def macs(card):
    """Of one picture at the size of the test, counted in closed form."""
    rows = blocks(card["model"], card["preprocessing"]["size"], num_classes=len(card["classes"]), **card["options"])
    return totals(rows).macs


def test_the_command_line_takes_every_command():
    expected = {
        README: ["fetch", "train", "deploy", "deploy", "deploy"],
        NETWORKS: ["train", "train", "train", "degradation", "ablation", "fetch", "convert"],
    }
    for text, verbs in expected.items():
        words = re.findall(r"^python -m resnet_demo (.*)$", text, re.MULTILINE)
        assert [parser().parse_args(line.split()).verb for line in words] == verbs


def test_the_study_s_errors_are_the_means_of_the_histories():
    section = NETWORKS.partition("### The degradation study")[2].partition("\n### ")[0]
    lines = {line.model: line for line in table(study())}
    assert {line.seeds for line in lines.values()} == {2}
    for shallow, deep in (("plain20", "plain56"), ("resnet20", "resnet56")):
        for half in ("training_error", "test_error"):
            pair = " to ".join(f"{getattr(lines[model], half):.1f}" for model in (shallow, deep))
            assert f"{pair} %" in " ".join(section.split())


def test_what_is_said_of_the_photographs_is_what_the_cards_say():
    section = " ".join(NETWORKS.partition("## The networks and how")[2].partition("\n### ")[0].split())
    lines = {line.model: line for line in imagenette_twins.table(imagenette_twins.pairs())}
    shallow, fifty = imagenette_twins.gaps(imagenette_twins.pairs())
    assert (
        f"misclassifies {shallow.residual:.2f}% of the test photos and its plain twin {shallow.plain:.2f}%." in section
    )
    assert f"they are {fifty.residual:.2f} and {fifty.plain:.2f}%" in section
    deep, basic = (lines[model].training_error for model in ("plain50", "plain18"))
    assert f"*training* error of {deep:.2f}%, the one of 18 layers with {basic:.2f}%" in section
    (seeds,) = imagenette_twins.over_seeds(imagenette_twins.pairs())
    residual, plain = (
        f"{seeds.residual:.2f} ± {seeds.residual_spread:.2f}",
        f"{seeds.plain:.2f} ± {seeds.plain_spread:.2f}",
    )
    assert f"over three of them, the errors are {residual} and {plain}%" in section
    assert (seeds.count, seeds.residual_better) == (3, 3)
    assert (
        f"alone is wrong on {shallow.residual_alone} photos, the plain network alone on {shallow.plain_alone}."
        in section
    )
    assert f"standard errors: {shallow.margin:.2f} percentage points" in section
    assert (shallow.verdict, fifty.verdict) == ("residual", "residual")


def test_the_schedule_is_an_eighth_of_the_papers():
    section = " ".join(NETWORKS.partition("### The degradation study")[2].partition("\n### ")[0].split())
    assert f"an eighth of the paper's ({study().iterations:,} iterations of {PAPER_ITERATIONS:,})" in section
    assert round(PAPER_ITERATIONS / study().iterations) == 8


def test_the_cuts_are_those_that_are_shipped():
    section = NETWORKS.partition("### The degradation study")[2].partition("\n### ")[0]
    residual, plain = cuts().deepest
    said = " ".join(section.split())
    raised = f"from {residual.whole:.1f} to {residual.median:.1f}% (median over the blocks; {residual.worst[1]:.1f}% in"
    assert f"its {len(residual.single)} blocks raises the error of ResNet-56 {raised} the worst case)" in said
    fallen = f"from {plain.whole:.1f} to {plain.median:.1f}%, which is guessing"
    assert f"its {len(plain.single)} shape-preserving layers raises that of PlainNet-56 {fallen}" in said


def test_the_python_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    picture: Image.Image = examples()[0].open()
    picture.save("photo.jpg")
    code = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "count(" in block)
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.endswith("\n70400\n")
