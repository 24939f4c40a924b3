"""What the run queue logs, once.

Belongs here: dropping lines that say again what was said a moment ago.
Does not: what the queue does (`dagster.yaml`).
"""

import logging
import time

QUEUE_LOGGER = "dagster.daemon.QueuedRunCoordinatorDaemon"
SAID_AGAIN_AFTER_S = 600.0


class SaidOnce(logging.Filter):
    """Drops a line that was said within the last SAID_AGAIN_AFTER_S.

    The queue looks for runs every two seconds, and while one waits for another it says so each
    time: whatever else the terminal of `vidpipe up` shows would scroll away.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line says something new."""
        now, line = time.monotonic(), record.getMessage()
        self._said_at = {
            said: at for said, at in self._said_at.items() if now - at < SAID_AGAIN_AFTER_S
        }
        is_new = line not in self._said_at
        self._said_at.setdefault(line, now)
        return is_new


_said_once = SaidOnce()


def say_once() -> None:
    """Lets the run queue of this process, if it is the daemon's, say each thing once."""
    logging.getLogger(QUEUE_LOGGER).addFilter(_said_once)
