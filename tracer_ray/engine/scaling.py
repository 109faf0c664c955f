"""How many replicas a blueprint has, and when that changes: decided here, with the reasons.

An answer takes about a millisecond of one core, so requests wait only where a replica is busy all
the time. How many wait in it is therefore the honest measure of load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracer_ray.errors import RequestError

# Waiting time is about this many milliseconds: far below what a user sees, and far above the
# one or two that wait by chance in a replica that keeps up.
TARGET_ONGOING_REQUESTS = 8
FRONT_CPUS = 0.1  # it hardly computes
# A replica needs about five seconds to start, and Ray hears from replicas every ten; waiting less
# would start some for a burst that is over before they answer.
UPSCALE_DELAY_S = 15.0
# A replica costs little while idle, and load that went down often comes back.
DOWNSCALE_DELAY_S = 300.0
# More than the ten seconds between reports, and no longer than the shortest delay: an average over
# a longer time would still show a load that is gone, and replicas would come and go in turns.
LOOK_BACK_PERIOD_S = 15.0


@dataclass(frozen=True)
class Replicas:
    """Between how many replicas a blueprint has."""

    minimum: int = 1
    maximum: int = 1

    @classmethod
    def parse(cls, text: str) -> "Replicas":
        """`2` is always two, `1:4` between one and four; RequestError for anything else.

        >>> Replicas.parse("1:4")
        Replicas(minimum=1, maximum=4)
        """
        first, colon, last = text.partition(":")
        numbers = [int(part) for part in (first, last if colon else first) if part.isdecimal()]
        if len(numbers) != 2 or not 1 <= numbers[0] <= numbers[1]:
            raise RequestError(f"replicas {text!r}: expected MIN:MAX such as 1:4, or a number")
        return cls(*numbers)


def scaling_of(replicas: Replicas) -> dict[str, Any]:
    """The options of a Serve deployment that say so; autoscaling only where there is a range."""
    if replicas.minimum == replicas.maximum:
        return {"num_replicas": replicas.minimum}
    return {
        "autoscaling_config": {
            "min_replicas": replicas.minimum,
            "max_replicas": replicas.maximum,
            "target_ongoing_requests": TARGET_ONGOING_REQUESTS,
            "upscale_delay_s": UPSCALE_DELAY_S,
            "downscale_delay_s": DOWNSCALE_DELAY_S,
            "look_back_period_s": LOOK_BACK_PERIOD_S,
        }
    }


def cpu_share(nodes: Sequence[float], replicas: int) -> float:
    """The CPUs that each of so many replicas asks for, so that all fit on nodes; at most 1.

    Each node has so many CPUs; the front may be on any of them. An idle replica needs none: on a
    small machine many blueprints share the cores.

    >>> cpu_share([2.1], 3), cpu_share([16.1], 3)
    (0.66, 1.0)
    >>> cpu_share([1.0, 1.0], 2), cpu_share([0.0, 1.1], 2)
    (0.9, 0.5)
    """
    rooms = [max(0, round(100 * (cpus - FRONT_CPUS))) for cpus in nodes]
    fitting = (each for each in range(100, 1, -1) if sum(x // each for x in rooms) >= replicas)
    return next(fitting, 1) / 100
