"""Tracer: prediction blueprints turned into small, honest, calibrated models on Ray."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracer_ray.prediction.predictor import Predictor

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def load(blueprint: str, home: str | None = None, release: str = "champion") -> "Predictor":
    """The predictor of a blueprint's release, by alias or id, from TRACER_HOME unless told.

    The champion knows the rows that it was refreshed with.

    Raises RegistryError where there is no such release, ReleaseError where it was altered.
    """
    from tracer_ray.prediction.predictor import Predictor
    from tracer_ray.registry.finding import find_release
    from tracer_ray.registry.pointers import refreshed_state_of
    from tracer_ray.registry.registry import Registry

    place = home or os.environ.get("TRACER_HOME", os.path.join(".", "tracer_home"))
    entry = find_release(Registry(place), blueprint, release)
    return Predictor.open(entry.uri, refreshed_state_of(place, blueprint, entry.release))
