"""The verbs that write to the Hugging Face Hub: `deploy`, `publish`."""

from pathlib import Path

from resnet_demo.cli.options import Add, add_json, add_verb

TOKEN = "A token that may write is taken from hf auth login or HF_TOKEN."


def deploy(add: Add) -> None:
    verb = add_verb(
        add,
        "deploy",
        "run the app as a Space on the Hugging Face Hub",
        "Checks the files, creates or updates the Space, uploads only what runs, and waits until the app answers. "
        f"A Space that holds another app is left alone. {TOKEN}",
    )
    verb.add_argument("name", metavar="USER/NAME", help="the Space")
    verb.add_argument(
        "--hardware",
        choices=("zero", "cpu", "gpu"),
        help="zero: ZeroGPU; cpu: the basic one; gpu: a T4, which is billed (default: what the Space has)",
    )
    verb.add_argument("--private", action="store_true", help="only you can see it")
    verb.add_argument("--dry-run", action="store_true", help="list what would be uploaded, with sizes, and stop there")
    add_json(verb)


def publish(add: Add) -> None:
    verb = add_verb(
        add,
        "publish",
        "put a trained network with its card on the Hugging Face Hub",
        f"load(MODEL, 'USER/NAME') gets it from there. {TOKEN}",
    )
    verb.add_argument("run", type=Path, metavar="RUN", help="a .safetensors file, or a folder that holds one")
    verb.add_argument("--repo", required=True, metavar="USER/NAME", help="the model's name on the Hub")
    verb.add_argument("--private", action="store_true", help="only you can see it")
    verb.add_argument("--license", default="mit", metavar="ID", help="of the weights, by the Hub's id (default: mit)")
    add_json(verb)
