"""The recorder of a replica: every answer goes into the log, and the champion's into shadows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracer_ray.prediction.answers import Reply
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.meter import Meter
from tracer_ray.serving.prediction_log import FLUSH_EVERY_S, PredictionLog
from tracer_ray.serving.recording import log_replies
from tracer_ray.serving.routing import Contestant, Routes
from tracer_ray.serving.shadow import WORK_EVERY_S, Shadows
from tracer_ray.serving.watching import watch


@dataclass(frozen=True)
class Recorder:
    """What records answers: the log, and the shadows that write to it."""

    log: PredictionLog
    shadows: Shadows

    def take(
        self,
        routes: Routes,
        contestant: Contestant,
        asked: Sequence[Asked],
        replies: Sequence[Reply],
    ) -> None:
        """Record what a release answered; the champion's rows are shadowed."""
        log_replies(self.log, contestant, asked, replies)
        if contestant is routes.champion:
            for shadow in routes.shadows:
                self.shadows.take(shadow, asked)


def start_recording(home: str, meter: Meter) -> tuple[Recorder, Callable[[], None]]:
    """A recorder whose log is written every few seconds, and what ends that and writes the rest."""
    log = PredictionLog(home, meter)
    shadows = Shadows(log, meter)
    ends = [watch(shadows.work, WORK_EVERY_S), watch(log.flush, FLUSH_EVERY_S)]

    def end() -> None:
        for each in ends:
            each()
        log.flush()

    return Recorder(log, shadows), end
