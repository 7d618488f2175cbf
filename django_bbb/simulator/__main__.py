"""`python -m django_bbb.simulator`: a BigBlueButton server on this machine."""

import argparse
import ipaddress
import os
import signal
import sys
import threading
from collections.abc import Sequence

try:
    from .fault_words import KINDS, read_fault
    from .faults import PlannedFault
    from .hooks import WebhookOptions
    from .profiles import DEFAULT_PROFILE, PROFILES
    from .simulator import BigBlueButtonSimulator
except ModuleNotFoundError as error:
    if error.name not in {"werkzeug", "markupsafe"}:
        raise
    sys.exit("The simulator needs Werkzeug: install django-bbb[simulator].")

SECRET_VARIABLE = "BBB_SIMULATOR_SECRET"  # noqa: S105 - the name of a variable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a simulator until SIGTERM or Ctrl-C; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m django_bbb.simulator",
        description="A BigBlueButton server to develop and test against.",
    )
    add_options(parser)
    return run(parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Run the simulator that the options describe until SIGTERM or Ctrl-C; return the exit status."""
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
        time_scale=options.time_scale,
        end_callbacks=options.end_callbacks,
        webhooks=WebhookOptions(generation=options.webhooks_generation),
        profile=options.profile,
        control=options.control,
    )
    for fault, call, times in options.fault:
        simulator.faults.set(fault, call=call, times=times)
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
                "It is not a secure server: "
                f"{'anybody can control it' if options.control else 'anybody with a link can use it'}.",
                file=sys.stderr,
            )
        print(f"BigBlueButton simulator ready at {simulator.url}", flush=True)
        threading.Event().wait()
    finally:
        simulator.stop()
    return 0


def add_options(parser: argparse.ArgumentParser, *, secret: str = "", port: int = 8124) -> None:
    """Add the simulator's options to a parser; `secret` and `port` are defaults that somebody else knows."""
    _add_options_about_the_address(parser, secret=secret, port=port)
    _add_options_about_what_happens(parser)


def _add_options_about_the_address(parser: argparse.ArgumentParser, *, secret: str, port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port to listen on; 0 picks a free one (%(default)s)")
    parser.add_argument(
        "--secret",
        type=_secret,
        default=secret or os.environ.get(SECRET_VARIABLE) or "secret",
        help=f"the shared secret (from {'the settings' if secret else SECRET_VARIABLE}, else 'secret')",
    )
    parser.add_argument(
        "--public-address",
        default="",
        metavar="URL",
        help="scheme, host and port that people reach it by, if others",
    )
    parser.add_argument("--control", action="store_true", help="take orders by HTTP under /simulator/")
    parser.add_argument(
        "--profile", choices=PROFILES, default=DEFAULT_PROFILE, help="the kind of server to be (%(default)s)"
    )


def _add_options_about_what_happens(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recording-delay",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="time until each format of a recording is published (%(default)s)",
    )
    parser.add_argument("--lose-callbacks", action="store_true", help="send no callbacks")
    parser.add_argument(
        "--end-callbacks",
        choices=["2.2", "3.0", "2026"],
        default="2026",
        help="the version to tell the end of a meeting like (%(default)s)",
    )
    parser.add_argument(
        "--webhooks-generation",
        choices=["2", "3.0", "3.4"],
        default="3.4",
        help="the version of bbb-webhooks to sign like (%(default)s)",
    )
    parser.add_argument(
        "--time-scale",
        type=_scale,
        default=1.0,
        metavar="N",
        help="let N seconds pass in each: recordings, retries and expiry come sooner (%(default)s)",
    )
    parser.add_argument(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="KIND[,NAME=VALUE...]",
        help="let calls go wrong, such as latency,seconds=2 or html,status=503,call=create,times=3; "
        f"the kinds are {', '.join(KINDS)}; may be repeated",
    )


def _secret(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the secret must not be blank")
    return text


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError("a number of seconds from 0 to 86400 is needed")
    return value


def _scale(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1_000_000:
        raise argparse.ArgumentTypeError("a number above 0 is needed, at most 1000000")
    return value


def _fault(text: str) -> PlannedFault:
    try:
        return read_fault(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    sys.exit(main())
