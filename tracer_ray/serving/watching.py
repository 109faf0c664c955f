"""Doing something again and again beside the answers, until told to end."""

import logging
import threading
from collections.abc import Callable

_LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


def watch(look: Callable[[], None], every_s: float = LOOK_EVERY_S) -> Callable[[], None]:
    """Call `look` in a thread of its own; what is returned ends that.

    A look that fails is logged, and the next one comes all the same.
    """
    is_over = threading.Event()

    def run() -> None:
        while not is_over.wait(every_s):
            try:
                look()
            except Exception:
                _LOG.exception("event=look_failed")

    threading.Thread(target=run, name="watch", daemon=True).start()
    return is_over.set
