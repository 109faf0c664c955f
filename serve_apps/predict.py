"""The application that answers for promoted releases.

    serve run serve_apps.predict:build home=tracer_home
    serve deploy serve_apps/predict.yaml

Start Ray with RAY_SERVE_ENABLE_HA_PROXY=1 and RAY_SERVE_THROUGHPUT_OPTIMIZED=1 for the fast proxy.
"""

import os
from collections.abc import Mapping, Sequence

from ray.serve import Application

from tracer_ray.engine.serve import application, champions


def build(args: Mapping[str, str | Sequence[str]]) -> Application:
    """The application for `home` and `blueprints`.

    The home is TRACER_HOME unless given; the blueprints, a list or names with commas, are all that
    have a champion unless given.

    Raises RegistryError where nothing is promoted there.
    """
    named = args.get("blueprints", ())
    names = named.split(",") if isinstance(named, str) else named
    home = args.get("home") or os.environ.get("TRACER_HOME", "tracer_home")
    return application(champions(str(home), tuple(filter(None, names))))
