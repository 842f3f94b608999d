"""`convert`: a .pth file of one's own as weights with a card."""

from argparse import Namespace

from resnet_demo.checkpoints.bare import Converted
from resnet_demo.checkpoints.convert import convert
from resnet_demo.cli.output import emit
from resnet_demo.training.history import write_atomically, write_json


def run(args: Namespace) -> int:
    made = convert(args.file, args.model, args.stem, args.classes)
    args.out.mkdir(parents=True, exist_ok=True)
    weights = args.out / f"{made.stem}.safetensors"
    write_atomically(weights, made.weights)
    write_json(weights.with_suffix(".json"), made.card)
    found = {
        "path": str(weights),
        "model": made.card["model"],
        "classes": len(made.card["classes"]),
        "parameters": made.card["parameters"],
        "preprocessing": made.card["preprocessing"],
        "place": list(made.found.place),
        "left_out": list(made.found.left_out),
    }
    emit(args.json, found, _text(made, str(weights)))
    return 0


def _text(made: Converted, path: str) -> str:
    card = made.card
    shown = card["preprocessing"]
    lines = [f"{card['model']}, {len(card['classes'])} classes, {card['parameters']:,} parameters: written to {path}"]
    if made.found.place:
        lines.append(f"taken from {', '.join(made.found.place)}")
    if made.found.left_out:
        lines.append(f"left out, since no network has it: {', '.join(made.found.left_out)}")
    lines.append(
        f"The file does not say how the network was shown pictures. The card assumes the shorter side at "
        f"{shown['resize']} px, the centre {shown['size']} x {shown['size']}, and ImageNet's mean and deviation. "
        'Change "preprocessing" in the card if it was trained differently.'
    )
    return "\n".join(lines)
