"""``python -m tests.long_run [--minutes 10] [--meetings 200] [--seed N]``.

With the same seed the same things happen in the same order; how they fall together depends on the machine.
"""

import argparse
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from .running import Plan, run


def main() -> int:
    options = _options()
    plan = Plan(minutes=options.minutes, meetings=options.meetings, seed=options.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all is cleaned up then too
    print(f"seed {plan.seed}, {plan.meetings} meetings, {plan.minutes:g} minutes", flush=True)
    with tempfile.TemporaryDirectory(prefix="django-bbb-long-run-") as folder:
        report = run(plan, Path(folder))
    for what, count in sorted(report.done.items()):
        print(f"{count:>7} {what}")
    print()
    for what, count in report.facts.items():
        print(f"{count:>7} {what}")
    print(f"\nQuiet after {report.seconds_until_quiet:.1f} s, with {len(report.differences)} differences.")
    for difference in report.differences:
        print(f"- {difference}")
    if report.differences:
        again = f"--seed {plan.seed} --meetings {plan.meetings} --minutes {plan.minutes:g}"
        print(f"\nOnce more: python -m tests.long_run {again}")
    return 1 if report.differences else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.long_run", description="Let a site live, and compare.")
    parser.add_argument("--minutes", type=float, default=10.0, help="twenty times that on its own clock")
    parser.add_argument("--meetings", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    options.seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    return options


if __name__ == "__main__":
    sys.exit(main())
