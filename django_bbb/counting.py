"""Lines in the log about what may happen thousands of times a minute."""

import logging
import threading
from time import monotonic


class OnceAMinute:
    """Counts what happens, and warns of it once a minute with the last of it as the example; one for each process."""

    _PAUSE = 60.0

    def __init__(self, logger: logging.Logger, text: str) -> None:
        self._logger, self._text = logger, text
        self._lock = threading.Lock()
        self._count = 0
        self._quiet_until = 0.0

    def warn(self, *last: object) -> None:
        """Count once more; the text gets the count, and then what is said of the last."""
        with self._lock:
            self._count += 1
            now = monotonic()
            if now < self._quiet_until:
                return
            count, self._count, self._quiet_until = self._count, 0, now + self._PAUSE
        self._logger.warning(self._text, count, *last)
