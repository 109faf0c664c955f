"""Waiting for servers that tests start."""

import socket
import time

LIMIT_S = 30.0


def until_open(port: int) -> None:
    """Wait until somebody listens on a port of loopback."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")
