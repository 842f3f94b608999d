"""A network of one's own on the Hub: pushed with its card, loaded by its Hub id."""

from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationAdd, HfApi

from resnet_demo.checkpoints.card import read_card
from resnet_demo.checkpoints.hub import CARD_FILE, WEIGHTS_FILE
from resnet_demo.checkpoints.load import read_tensors

READ_ME = """---
library_name: resnet-explained
pipeline_tag: image-classification
tags:
  - resnet
  - image-classification
---

# {title}

{accuracy} {terms}

```python
from resnet_demo.models import load

classifier = load("{model}", "{repository}")
```

`{card}` holds its options, classes, preprocessing, recipe, history and golden logits.
"""


def push(weights: str | Path, repository: str, private: bool = False) -> str:
    """Uploads a checkpoint, a .safetensors file with its card beside it, as one commit; returns the commit.

    Args:
        repository: "owner/name", made if it is not there. `HF_TOKEN` must hold a token that may write to it.

    `load(model, repository)` gets the network back. Raises CheckpointError for a file that is not a whole checkpoint,
    and huggingface_hub's errors where the Hub refuses.
    """
    path = Path(weights)
    card = read_card(path)
    read_tensors(path, card["sha256"])
    api = HfApi()
    api.create_repo(repository, private=private, exist_ok=True)
    files: dict[str, bytes | Path] = {
        WEIGHTS_FILE: path,
        CARD_FILE: path.with_suffix(".json"),
        "README.md": _read_me(card, repository).encode(),
    }
    operations = [CommitOperationAdd(name, content) for name, content in files.items()]
    return api.create_commit(repository, operations, commit_message=f"Add {card['model']}").oid


def _read_me(card: dict[str, Any], repository: str) -> str:
    measured = card.get("accuracy")
    return READ_ME.format(
        title=card.get("title", card["model"]),
        accuracy=f"{measured['top1']:.2%} right on {measured['data']}." if measured else "",
        terms=card.get("terms", ""),
        model=card["model"],
        repository=repository,
        card=CARD_FILE,
    )
