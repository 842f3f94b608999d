"""Shares your own network on the Hub: pushes it with its model card, to be loaded by its Hub id."""

from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationAdd, EvalResult, HfApi, ModelCardData

from resnet_demo.checkpoints.card import checkpoints, read_card
from resnet_demo.checkpoints.hub import CARD_FILE, WEIGHTS_FILE
from resnet_demo.checkpoints.load import read_tensors
from resnet_demo.checkpoints.writing import writing_to
from resnet_demo.data.sources import DATASETS
from resnet_demo.errors import CheckpointError

READ_ME = """---
{metadata}
---

# {title}

{accuracy} {terms}

```python
from resnet_demo.models import load

classifier = load("{model}", "{repository}")
```

`{card}` holds its options, classes, preprocessing, recipe, history and golden logits.
"""


def push(weights: str | Path, repository: str, private: bool = False, licence: str = "mit") -> str:
    """Uploads a checkpoint, a .safetensors file with its card beside it, as one commit; returns the commit.

    Args:
        repository: "owner/name", made if it is not there. `HF_TOKEN` must hold a token that may write to it.
        licence: of the weights, by the Hub's identifier.

    `load(model, repository)` gets the network back. Raises CheckpointError for a file that is not a whole checkpoint,
    and DemoError where the Hub refuses.
    """
    path = Path(weights)
    card = read_card(path)
    read_tensors(path, card["sha256"])
    files: dict[str, bytes | Path] = {
        WEIGHTS_FILE: path,
        CARD_FILE: path.with_suffix(".json"),
        "README.md": _read_me(card, repository, licence).encode(),
    }
    operations = [CommitOperationAdd(name, content) for name, content in files.items()]
    with writing_to(repository):
        api = HfApi()
        api.create_repo(repository, private=private, exist_ok=True)
        return api.create_commit(repository, operations, commit_message=f"Add {card['model']}").oid


def trained_in(run: Path) -> Path:
    """The one network in a folder that `train` wrote, or the .safetensors file itself. Raises CheckpointError."""
    if not run.is_dir():
        return run
    there = checkpoints(run)
    if len(there) != 1:
        raise CheckpointError(
            "publish_which", folder=str(run), count=len(there), names=", ".join(path.name for path in there) or "-"
        )
    return there[0]


def _read_me(card: dict[str, Any], repository: str, licence: str) -> str:
    measured = card.get("accuracy")
    return READ_ME.format(
        metadata=_metadata(card, licence).to_yaml(),
        title=card.get("title", card["model"]),
        accuracy=f"Top-1 accuracy: {measured['top1']:.2%} on {measured['data']}." if measured else "",
        terms=card.get("terms", ""),
        model=card["model"],
        repository=repository,
        card=CARD_FILE,
    )


def _metadata(card: dict[str, Any], licence: str) -> ModelCardData:
    """What the Hub shows and searches by: library, task, data, accuracy and licence."""
    known = DATASETS.get(card["dataset"])
    measured = card.get("accuracy")
    results = measured and [
        EvalResult(
            task_type="image-classification",
            dataset_type=(known and known.hub) or card["dataset"],
            dataset_name=known.title if known else card["dataset"],
            dataset_split=measured["half"],
            metric_type="accuracy",
            metric_value=round(measured["top1"], 4),
        )
    ]
    return ModelCardData(
        library_name="resnet-explained",
        pipeline_tag="image-classification",
        license=licence,
        datasets=[known.hub] if known and known.hub else None,
        metrics=["accuracy"],
        tags=["resnet", "image-classification"],
        model_name=card.get("title", card["model"]),
        eval_results=results or None,
    )
