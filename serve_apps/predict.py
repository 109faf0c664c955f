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
from tracer_ray.engine.applications import Part, Setting, front_application, part_application
from tracer_ray.engine.scaling import Replicas
from tracer_ray.registry.pointers import promoted_blueprints

Arguments = Mapping[str, str | bool | Sequence[str]]


def build(args: Arguments) -> Application:
    """The application that answers for `blueprint`.

    `home` is TRACER_HOME unless given; a key is demanded unless `keys` is false; predictions are
    logged where `log_predictions` is true.

    Raises RegistryError where nothing of it is promoted there.
    """
    setting = _setting(args)
    (blueprint,) = promoted_blueprints(setting.home, (str(args["blueprint"]),))
    return part_application(Part.of(blueprint), setting, Replicas())


def build_front(args: Arguments) -> Application:
    """The application that describes those of `blueprints`, a list or names with commas."""
    named = args.get("blueprints", ())
    names = named if isinstance(named, list | tuple) else str(named).split(",")
    return front_application(_setting(args), {name: (name,) for name in names if name})


def _setting(args: Arguments) -> Setting:
    given = args.get("home") or os.environ.get("TRACER_HOME", "tracer_home")
    demands_keys = str(args.get("keys", "true")).lower() != "false"
    logs_predictions = str(args.get("log_predictions", "false")).lower() == "true"
    return Setting(storage.absolute(str(given)), demands_keys, logs_predictions)
