"""The command line: `python -m resnet_demo VERB`, see `--help`."""

import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from resnet_demo.cli.arguments import parser
from resnet_demo.cli.options import hyphens
from resnet_demo.cli.output import one_line
from resnet_demo.environment import prepare_process
from resnet_demo.errors import DemoError

EXPECTED = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and returns the exit status: 0, 1 for a finding, 2 for an error that names its remedy."""
    prepare_process()
    try:
        try:
            return _run(parser().parse_args(hyphens(sys.argv[1:] if argv is None else argv)))
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # whoever reads the output has seen enough, as in `| head`
        _drop_output()
        return 0
    except OSError as error:  # the disk is full
        _drop_output()
        print(f"resnet_demo: {error}", file=sys.stderr)
        return EXPECTED


def _run(args: Namespace) -> int:
    try:
        verb = importlib.import_module(f"resnet_demo.cli.{args.verb}")
        status: int = verb.run(args)
    except BrokenPipeError:
        raise
    except (DemoError, OSError) as error:
        print(f"resnet_demo {args.verb}: {one_line(error)}", file=sys.stderr)
        return EXPECTED
    except KeyboardInterrupt:
        print(f"resnet_demo {args.verb}: interrupted", file=sys.stderr)
        return INTERRUPTED
    return status


def _drop_output() -> None:
    """What is still to be written goes nowhere: Python would try again at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
