"""``make bench``: how long our work takes beside the least it could take, measured in the same run.

Prints a table *name, ratio to its floor, limit*, and ends with status 1 where a limit is passed.
"""

import sys
from importlib import import_module

from .measure import Benchmark, compare

MODULES = ("signing", "parsing", "calling")


def main() -> int:
    too_slow = 0
    print(f"{'name':<44} {'ratio':>7} {'limit':>7}")
    for module in MODULES:
        benchmarks: list[Benchmark] = import_module(f".{module}", __package__).BENCHMARKS
        for benchmark in benchmarks:
            ratio = compare(benchmark)
            passed = ratio > benchmark.limit
            too_slow += passed
            print(f"{benchmark.name:<44} {ratio:>7.2f} {benchmark.limit:>7.2f}{'  too slow' if passed else ''}")
    return 1 if too_slow else 0


if __name__ == "__main__":
    sys.exit(main())
