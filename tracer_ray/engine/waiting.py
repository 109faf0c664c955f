"""Waiting for tasks on Ray."""

from collections.abc import Sequence
from typing import TypeVar

import ray

from tracer_ray.engine.progress import Progress

Result = TypeVar("Result")


def watch(references: "Sequence[ray.ObjectRef[Result]]", progress: Progress) -> None:
    """Wait for all of them without fetching what they hold; a failure shows where it is used."""
    waiting = list(references)
    while waiting:
        done, waiting = ray.wait(waiting, fetch_local=False)
        for _ in done:
            progress.advance()
