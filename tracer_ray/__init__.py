"""Tracer: prediction blueprints turned into small, honest, calibrated models on Ray.

import tracer_ray as tracer

tracer.analyze("customers.csv")
model = tracer.deploy("customer_churn", "customers.csv")
model.predict({"customer_id": "c1", "tenure": 3})
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

from tracer_ray.version import __version__

if TYPE_CHECKING:
    from tracer_ray.client import Client
    from tracer_ray.composites.model import CompositeModel
    from tracer_ray.model import Model
    from tracer_ray.notebook import Data, analyze, composite, deploy, learn_composite, read
    from tracer_ray.prediction.predictor import Predictor

__all__ = [
    "Client",
    "CompositeModel",
    "Data",
    "Model",
    "__version__",
    "analyze",
    "composite",
    "deploy",
    "learn_composite",
    "load",
    "read",
]

# where each name is; they are loaded when they are asked for, so that the import is fast
_PLACES = {
    "Client": "client",
    "CompositeModel": "composites.model",
    "Data": "notebook",
    "Model": "model",
    "analyze": "notebook",
    "composite": "notebook",
    "deploy": "notebook",
    "learn_composite": "notebook",
    "read": "notebook",
}


def __getattr__(name: str) -> object:
    """A name of the Python surface, loaded now; AttributeError for any other."""
    if name not in _PLACES:
        raise AttributeError(f"module 'tracer_ray' has no attribute {name!r}")
    return getattr(import_module(f"tracer_ray.{_PLACES[name]}"), name)


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
