"""`python -m django_bbb.simulator`: a BigBlueButton server on this machine."""

import argparse
import ipaddress
import os
import signal
import sys
import threading
from collections.abc import Sequence

try:
    from .simulator import BigBlueButtonSimulator
except ModuleNotFoundError as error:
    if error.name not in {"werkzeug", "markupsafe"}:
        raise
    sys.exit("The simulator needs Werkzeug: install django-bbb[simulator].")

SECRET_VARIABLE = "BBB_SIMULATOR_SECRET"  # noqa: S105 - the name of a variable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a simulator until SIGTERM or Ctrl-C; return the exit status."""
    options = _options(arguments)
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, _end) for number in numbers]
    try:
        return _serve(options)
    except _Ended:
        return 0
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


class _Ended(BaseException):
    """Somebody has asked for the end.

    Raised by the signal, and not told by an event: `Event.set` in a signal handler can wait for a lock that the very
    thread it interrupts is holding.
    """


def _end(*_: object) -> None:
    raise _Ended


def _serve(options: argparse.Namespace) -> int:
    simulator = BigBlueButtonSimulator(
        secret=options.secret,
        host=options.host,
        port=options.port,
        public_address=options.public_address,
        recording_delay=options.recording_delay,
        lose_callbacks=options.lose_callbacks,
    )
    try:
        simulator.start()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        print(f"The simulator cannot listen on {options.host}, port {options.port}: {reason}.", file=sys.stderr)
        return 1
    try:
        if not _is_loopback(options.host):
            print(
                f"WARNING: the simulator listens on {options.host}, where other machines can reach it. "
                "It is not a secure server: anybody with a link can use it.",
                file=sys.stderr,
            )
        print(f"BigBlueButton simulator ready at {simulator.url}", flush=True)
        threading.Event().wait()
    finally:
        simulator.stop()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m django_bbb.simulator",
        description="A BigBlueButton server to develop and test against.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8124, help="port to listen on; 0 picks a free one (%(default)s)")
    parser.add_argument(
        "--secret",
        default=os.environ.get(SECRET_VARIABLE) or "secret",
        help=f"the shared secret (from the environment variable {SECRET_VARIABLE}, else 'secret')",
    )
    parser.add_argument(
        "--public-address",
        default="",
        metavar="URL",
        help="scheme, host and port that people reach it by, if others",
    )
    parser.add_argument(
        "--recording-delay",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="time until each format of a recording is published (%(default)s)",
    )
    parser.add_argument("--lose-callbacks", action="store_true", help="send no callbacks")
    options = parser.parse_args(arguments)
    if not options.secret.strip():
        parser.error("the secret must not be blank")
    return options


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError("a number of seconds from 0 to 86400 is needed")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    sys.exit(main())
