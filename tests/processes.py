"""Processes of this machine: those that carry a mark, and those that another one started."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def marked(variable: str, value: str, title: str) -> list[int]:
    """Those with an environment variable whose command has a word, oldest first."""
    mark = f"{variable}={value}".encode()
    return sorted(
        int(place.name)
        for place in Path("/proc").glob("[0-9]*")
        if _is_marked(place, mark, title.encode())
    )


def below(process: int) -> list[int]:
    """The processes that a process started, and those that they did."""
    return [each for child in _children(process) for each in (child, *below(child))]


def kill_with_all_below(process: int) -> None:
    """Kill -9 a process and whatever it has started."""
    for each in (process, *below(process)):
        with suppress(ProcessLookupError):  # it ended with one before it
            os.kill(each, signal.SIGKILL)


def _children(process: int) -> Iterator[int]:
    for started in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # it has just ended
            yield from map(int, started.read_text().split())


def _is_marked(place: Path, mark: bytes, title: bytes) -> bool:
    try:
        is_ours = mark in (place / "environ").read_bytes()
        return is_ours and title in (place / "cmdline").read_bytes()
    except OSError:  # it has just ended
        return False
