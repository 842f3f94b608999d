"""The README keeps its word: commands, front matter, tree, results and examples."""

import json
import re
import shlex
from pathlib import Path

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

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
START = "python -m pip install -r requirements.txt && python app.py"
TEST = "python -m pip install -r requirements.txt -r tests/requirements.txt && python -m pytest"


def test_there_are_exactly_two_set_up_lines():
    assert re.findall(r"^python -m pip install .*$", README, re.MULTILINE) == [START, TEST]


def test_continuous_integration_runs_the_line_of_the_readme():
    pattern = re.search(r"sed -n '/(.*)/p' README.md", (ROOT / ".ci/run").read_text("utf-8"))
    assert pattern
    assert re.findall(pattern[1], README, re.MULTILINE) == [TEST]


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
    for name in ("requirements.txt", "tests/requirements.txt"):
        assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in (ROOT / name).read_text("utf-8").split())


def test_the_tree_names_every_module():
    tree = README.split("```\napp.py")[1].split("```")[0]
    named = re.findall(r"(\w+\.py) ", tree)
    modules = [path.name for path in (ROOT / "resnet_demo").rglob("*.py") if path.name != "__init__.py"]
    assert sorted(named) == sorted(modules)


def test_the_table_of_results_is_that_of_the_cards():
    rows = re.findall(r"^\| \w+Net-\d+ \|.*$", README, re.MULTILINE)
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
    assert set(re.findall(r"MACs at \d+ px", README)) == sizes


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
    words = re.findall(r"^python -m resnet_demo (.*)$", README, re.MULTILINE)
    assert [parser().parse_args(line.split()).verb for line in words] == [
        "deploy",
        "deploy",
        "deploy",
        "train",
        "train",
        "train",
        "degradation",
        "lesions",
        "fetch",
        "convert",
    ]


def test_the_study_s_errors_are_the_means_of_the_histories():
    section = README.partition("### The degradation study")[2].partition("\n### ")[0]
    lines = {line.model: line for line in table(study())}
    assert {line.seeds for line in lines.values()} == {2}
    for shallow, deep in (("plain20", "plain56"), ("resnet20", "resnet56")):
        for half in ("training_error", "test_error"):
            pair = " to ".join(f"{getattr(lines[model], half):.1f}" for model in (shallow, deep))
            assert f"{pair} %" in " ".join(section.split())


def test_what_is_said_of_the_photographs_is_what_the_cards_say():
    section = " ".join(README.partition("## The networks and how")[2].partition("\n### ")[0].split())
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
    section = " ".join(README.partition("### The degradation study")[2].partition("\n### ")[0].split())
    assert f"an eighth of the paper's ({study().iterations:,} iterations of {PAPER_ITERATIONS:,})" in section
    assert round(PAPER_ITERATIONS / study().iterations) == 8


def test_the_cuts_are_those_that_are_shipped():
    section = README.partition("### The degradation study")[2].partition("\n### ")[0]
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
