"""Starts the app: `python app.py`, with `--help` for its options."""

import argparse
import sys
from pathlib import Path

from resnet_demo.cli.options import hyphens
from resnet_demo.environment import prepare_app, prepare_process
from resnet_demo.errors import DemoError
from resnet_demo.kit.text import LANGUAGES


def main() -> None:
    prepare_process()
    parser = argparse.ArgumentParser(
        description="ResNet, explained: an app that makes the residual connection visible."
    )
    parser.add_argument(
        "--host", default=None, help="address to listen on; 0.0.0.0 lets other machines in (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=None, help="port (default: the first free one from 7860)")
    parser.add_argument("--lang", choices=LANGUAGES, default=None, help="language at first (default: the browser's)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    parser.add_argument("--share", action="store_true", help="also open a public link through Gradio's servers")
    parser.add_argument(
        "--root-path",
        default=None,
        metavar="PATH",
        help="where a reverse proxy serves the app, such as /resnet (default: the root of its address)",
    )
    parser.add_argument(
        "--max-memory", type=int, default=3000, metavar="MB", help="megabytes that the app may take (default: 3000)"
    )
    parser.add_argument(
        "--classroom",
        action="store_true",
        help="let in the machines of this network, and show them the address and its QR code (port 7860 unless given)",
    )
    parser.add_argument(
        "--auth-file",
        type=Path,
        metavar="FILE",
        help="ask for a password: one name:password on each line (default: the variable RESNET_DEMO_AUTH, if set)",
    )
    parser.add_argument("--mcp", action="store_true", help="also serve the endpoints as MCP tools for agents")
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    parser.add_argument(
        "--weights",
        nargs="+",
        default=(),
        metavar="DIR_OR_FILE_OR_HUB_ID",
        help="networks of your own beside the app's: a folder that train or convert wrote, a .safetensors file with "
        "its card, or the id of a ResNet on the Hugging Face Hub, OWNER/NAME",
    )
    options = parser.parse_args(hyphens(sys.argv[1:]))

    try:
        prepare_app(options.host)
        # Here, so that --help answers at once; ZeroGPU's package has to be imported before torch.
        from resnet_demo.serving import serve

        serve(
            options.host,
            options.port,
            options.lang,
            options.device,
            options.share,
            options.max_memory,
            options.quiet,
            options.mcp,
            options.weights,
            options.root_path,
            options.classroom,
            options.auth_file,
        )
    except (DemoError, OSError, OverflowError) as error:  # no such device; the port is taken, or there is none
        parser.exit(2, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
