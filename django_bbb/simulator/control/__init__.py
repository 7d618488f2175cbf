"""The control API under `/simulator/`: what Python can do with a simulator, by HTTP and JSON.

It is there only where it was asked for (`control=True`, `--control`), and answers programs on this machine.
"""

from .control import CONTROL_PATH, ROUTES, Control

__all__ = ["CONTROL_PATH", "ROUTES", "Control"]
