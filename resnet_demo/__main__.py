"""The command line: `python -m resnet_demo VERB`, see `--help`."""

import importlib
import os
import sys
from collections.abc import Sequence

from resnet_demo.cli.arguments import parser
from resnet_demo.errors import DemoError

EXPECTED = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and returns the exit status: 0, 1 for a finding, 2 for an error that names its remedy."""
    args = parser().parse_args(argv)
    try:
        verb = importlib.import_module(f"resnet_demo.cli.{args.verb}")
        status: int = verb.run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads the output has seen enough, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (DemoError, OSError) as error:
        print(f"resnet_demo {args.verb}: {error}", file=sys.stderr)
        return EXPECTED
    except KeyboardInterrupt:
        print(f"resnet_demo {args.verb}: interrupted", file=sys.stderr)
        return INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main())
