"""Ports for what listens later: free now, and given to nobody else by the system in between.

A port from the system's own range (32768 and above on Linux) may be that of some outgoing
connection by the time that somebody listens on it. Ray's workers take 10002 to 19999.
"""

import random
import socket

_FIRST, _AFTER_LAST = 20_000, 32_768


def free_port() -> int:
    """A port that nobody listens on now.

    >>> 20_000 <= free_port() < 32_768
    True
    """
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on now, on any interface."""
    found: set[int] = set()
    chance = random.SystemRandom()
    while len(found) < count:
        port = chance.randrange(_FIRST, _AFTER_LAST)
        if _is_free(port):
            found.add(port)
    return list(found)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True
