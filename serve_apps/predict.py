"""The applications that `serve run` and `serve deploy` take: one per blueprint, and the front.

    serve run serve_apps.predict:build home=tracer_home blueprint=player_props
    serve deploy serve_apps/predict.yaml

Start Ray with RAY_SERVE_ENABLE_HA_PROXY=1 and
RAY_SERVE_THROUGHPUT_OPTIMIZED=1 for the fast proxy.
"""

import os
from collections.abc import Mapping, Sequence

from ray.serve import Application

from tracer_ray import storage
from tracer_ray.engine.applications import Part, front_application, part_application
from tracer_ray.engine.scaling import Replicas
from tracer_ray.registry.pointers import promoted_blueprints

Arguments = Mapping[str, str | Sequence[str]]


def build(args: Arguments) -> Application:
    """The application that answers for `blueprint`; `home` is TRACER_HOME unless given.

    Raises RegistryError where nothing of it is promoted there.
    """
    home = _home(args)
    (blueprint,) = promoted_blueprints(home, (str(args["blueprint"]),))
    return part_application(Part.of(blueprint), home, Replicas())


def build_front(args: Arguments) -> Application:
    """The application that describes those of `blueprints`, a list or names with commas."""
    named = args.get("blueprints", ())
    names = named.split(",") if isinstance(named, str) else named
    return front_application({name: (name,) for name in names if name})


def _home(args: Arguments) -> str:
    given = args.get("home") or os.environ.get("TRACER_HOME", "tracer_home")
    return storage.absolute(str(given))
