"""``make bench``: what our work takes beside the least it could take, measured in the same run.

Prints a table *name, ratio to its floor, limit*, and ends with status 1 where a limit is passed.
``python -m tests.benchmarks signing parsing`` runs these alone.
"""

import sys
from importlib import import_module
from time import monotonic

MODULES = (
    "signing",
    "parsing",
    "calling",
    "memory",
    "polling",
    "joining",
    "crowd",
    "simulator",
    "syncing",
    "sync_memory",
    "admin_lists",
    "callbacks",
)


def main(modules: list[str]) -> int:
    too_much = 0
    print(f"{'name':<62} {'ratio':>7} {'limit':>7}")
    for module in modules:
        began = monotonic()
        for benchmark in import_module(f".{module}", __package__).BENCHMARKS:
            ratio = benchmark.ratio()
            passed = ratio > benchmark.limit
            too_much += passed
            print(f"{benchmark.name:<62} {ratio:>7.2f} {benchmark.limit:>7.2f}{'  too much' if passed else ''}")
        print(f"  ({module}: {monotonic() - began:.0f} s)", flush=True)
    return 1 if too_much else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(MODULES)))
