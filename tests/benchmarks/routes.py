"""Three routes to every count, in full: `python -m tests.benchmarks.routes`, some minutes.

Closed form, meta device and FlopCounterMode for every architecture, with every option, at every one of five sizes;
the tests in tests/anatomy/test_trace.py take the sizes in turn. Stops at the first disagreement.
"""

import time

from resnet_demo.anatomy import blocks
from resnet_demo.models import ARCHITECTURES
from tests.anatomy.test_trace import SIZES, assert_rows_match, options_of
from tests.helpers.meta import on_meta


def main() -> None:
    started, runs = time.perf_counter(), 0
    for name, a in ARCHITECTURES.items():
        for options in options_of(a):
            network = on_meta(name, **options)
            for size in SIZES:
                assert_rows_match(network, blocks(name, size, **options), size)
                runs += 1
        print(f"{name:16} agrees; {runs} runs so far, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
