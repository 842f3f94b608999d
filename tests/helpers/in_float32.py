"""`python -m resnet_demo` without bf16, whose rounding hides whether two sums are the same."""

import sys
from contextlib import nullcontext
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from resnet_demo.__main__ import main
    from resnet_demo.training import loop

    loop.autocast = lambda device: nullcontext()
    sys.exit(main())
