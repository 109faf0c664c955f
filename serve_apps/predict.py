"""The application that answers for promoted releases.

    serve run serve_apps.predict:build home=tracer_home
    serve deploy serve_apps/predict.yaml

Start Ray with RAY_SERVE_ENABLE_HA_PROXY=1 and RAY_SERVE_THROUGHPUT_OPTIMIZED=1 for the fast proxy.
"""

from collections.abc import Mapping, Sequence

from ray.serve import Application

from tracer_ray.engine.serve import application, champions


def build(args: Mapping[str, str | Sequence[str]]) -> Application:
    """The application for `home` and `blueprints` (a list, or names with commas; default all).

    Raises RegistryError where nothing is promoted there.
    """
    named = args.get("blueprints", ())
    names = named.split(",") if isinstance(named, str) else named
    return application(champions(str(args.get("home", "tracer_home")), tuple(filter(None, names))))
