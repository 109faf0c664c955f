"""Callers that ask side by side, without a pause, until a block ends."""

import threading
from abc import ABC, abstractmethod
from typing import Self


class Callers(ABC):
    """Threads that each call `ask` once when the block begins, and are awaited when it ends."""

    def __init__(self, number: int) -> None:
        """So many of them."""
        self.is_over = threading.Event()
        self._threads = [threading.Thread(target=self.ask, args=(each,)) for each in range(number)]

    def __enter__(self) -> Self:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for each in self._threads:
            each.join()

    @abstractmethod
    def ask(self, place: int) -> None:
        """What the caller of this number does until `is_over` is set."""
