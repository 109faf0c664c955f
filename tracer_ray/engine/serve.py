"""Answering over HTTP on Ray Serve: one ingress deployment that holds the promoted releases.

A replica loads every release whole, answers once with each of its models so that all code is
compiled, and only then becomes ready. There is one hop: the replica that gets a request answers it.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracer_ray.archive import blueprints
from tracer_ray.engine.proxy import proxy_environment, proxy_name
from tracer_ray.engine.session import start_ray, stop_ray
from tracer_ray.errors import RegistryError
from tracer_ray.prediction.examples import example_request
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.finding import find_release
from tracer_ray.registry.registry import CHAMPION, Registry

if TYPE_CHECKING:
    from fastapi import FastAPI
    from ray.serve import Application

APPLICATION = "tracer"
MAX_ONGOING_REQUESTS = 256  # far above the number that are ever at work: answers take about 1 ms
REQUEST_TIMEOUT_S = 30.0
_WARM_UP_ROUNDS = 3


@dataclass(frozen=True)
class ServeOptions:
    """What is served and where; no blueprints means all that have a champion."""

    home: str
    blueprints: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000


@dataclass(frozen=True)
class Service:
    """A running service: where it answers, through which proxy, and the releases it holds."""

    url: str
    proxy: str
    releases: Mapping[str, str]


class Ingress:
    """A replica: it holds the releases and answers for them."""

    def __init__(self, releases: Mapping[str, str]) -> None:
        """Load the releases (URIs by blueprint id) and warm them up."""
        self._predictors = {name: load_warm(uri) for name, uri in releases.items()}

    def __serve_build_asgi_app__(self) -> "FastAPI":
        """The application that Ray Serve routes requests to."""
        from tracer_ray.engine.http_api import create_app

        return create_app(self._predictors)


def load_warm(uri: str) -> Predictor:
    """A release, loaded, that has answered an example for each of its targets."""
    predictor = Predictor.open(uri)
    requests = [{**example_request(predictor), "target": target} for target in predictor.targets]
    for _ in range(_WARM_UP_ROUNDS):
        predictor.answer(requests)
    return predictor


def champions(home: str, names: tuple[str, ...] = ()) -> dict[str, str]:
    """The URIs of the champions of these blueprints, of all that have one where none is named.

    Raises RegistryError where a named blueprint has no champion, or none has any.
    """
    registry = Registry(home)
    if names:
        return {name: find_release(registry, name, CHAMPION).uri for name in names}
    found = {each.id: registry.champion(each.id) for each in blueprints()}
    releases = {name: entry.uri for name, entry in found.items() if entry}
    if not releases:
        raise RegistryError(f"{home}: no release is promoted yet; run `tracer promote BLUEPRINT`")
    return releases


def application(releases: Mapping[str, str]) -> "Application":
    """The Serve application that answers for these releases (URIs by blueprint id)."""
    from ray import serve

    deploy = serve.deployment(
        name=APPLICATION,
        num_replicas=1,
        max_ongoing_requests=MAX_ONGOING_REQUESTS,
        ray_actor_options={"num_cpus": 1},
        logging_config={"enable_access_log": False},
    )
    return deploy(serve.ingress()(Ingress)).bind(dict(releases))


def start(options: ServeOptions) -> Service:
    """Start the service and return when it answers; RegistryError where nothing is promoted."""
    releases = champions(options.home, options.blueprints)
    os.environ.update(proxy_environment())
    start_ray()

    from ray import serve
    from ray.serve.config import HTTPOptions

    serve.start(
        http_options=HTTPOptions(
            host=options.host, port=options.port, request_timeout_s=REQUEST_TIMEOUT_S
        ),
        logging_config={"enable_access_log": False, "log_level": logging.WARNING},
    )
    serve.run(application(releases), name=APPLICATION, route_prefix="/")
    names = {name: uri.rpartition("/")[2] for name, uri in releases.items()}
    return Service(f"http://{options.host}:{options.port}", proxy_name(), names)


def stop() -> None:
    """End the service; requests under way are answered first."""
    from ray import serve

    shutdown: Callable[[], None] = serve.shutdown
    shutdown()


def serve_forever(options: ServeOptions) -> None:
    """Serve until the process is interrupted or told to end, then shut down cleanly."""
    is_over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: is_over.set())
    service = start(options)
    loaded = " ".join(f"{name}={release}" for name, release in service.releases.items())
    print(f"event=serving url={service.url} docs={service.url}/docs proxy={service.proxy} {loaded}")
    try:
        is_over.wait()
    finally:
        stop()
        stop_ray()
