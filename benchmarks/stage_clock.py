"""How long the stages of a training run take."""

import time


class StageClock:
    """Remembers how long each stage took; `cpu_s` is of all, where somebody measured it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.steps: dict[str, int] = {}
        self.cpu_s = 0.0
        self._stage, self._began = "", 0.0

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many steps begins."""
        self._stage, self._began = stage.partition(":")[0], time.perf_counter()
        self.steps[self._stage] = total

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done."""

    def end(self) -> None:
        """The stage is done."""
        self.seconds[self._stage] = time.perf_counter() - self._began
