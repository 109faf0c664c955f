"""Serving on Ray: starting the applications for promoted releases, and ending them."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from tracer_ray import storage
from tracer_ray.engine.applications import (
    FRONT,
    Part,
    Setting,
    front_application,
    part_application,
)
from tracer_ray.engine.proxy import proxy_environment, proxy_name
from tracer_ray.engine.scaling import Replicas, cpu_share
from tracer_ray.engine.session import start_ray, stop_ray
from tracer_ray.registry.pointers import promoted_blueprints, read_pointer

# The gate answers before; this frees what a request holds where even the gate got no turn.
REQUEST_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class ServeOptions:
    """What is served and where; no blueprints means all that have a champion.

    `is_together` holds all of them in the same replicas, which costs least memory; otherwise each
    has an application of its own.
    """

    home: str
    blueprints: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000
    replicas: Replicas = field(default_factory=Replicas)
    is_together: bool = False
    demands_keys: bool = False
    logs_predictions: bool = False


@dataclass(frozen=True)
class Service:
    """A running service: where it answers, through which proxy, and the releases it began with."""

    url: str
    proxy: str
    releases: Mapping[str, str]


def parts_of(options: ServeOptions) -> tuple[Part, ...]:
    """The parts that answer; RegistryError where a named blueprint, or none, is promoted."""
    names = promoted_blueprints(options.home, options.blueprints)
    if options.is_together:
        return (Part.together(options.blueprints),)
    return tuple(Part.of(name) for name in names)


def start(options: ServeOptions) -> Service:
    """Start the service and return when it answers; RegistryError where nothing is promoted."""
    parts = parts_of(options)
    os.environ.update(proxy_environment())
    start_ray()

    from ray import serve
    from ray.serve.config import HTTPOptions

    serve.start(
        proxy_location="HeadOnly",
        http_options=HTTPOptions(
            host=options.host, port=options.port, request_timeout_s=REQUEST_TIMEOUT_S
        ),
        logging_config={"enable_access_log": False, "log_level": logging.WARNING},
    )
    try:
        _deploy(options, parts)
    except BaseException:
        stop()  # else its proxy would hold the port, and a later start would be another one's
        raise
    releases = _releases(options)
    return Service(f"http://{options.host}:{options.port}", proxy_name(), releases)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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


def _deploy(options: ServeOptions, parts: tuple[Part, ...]) -> None:
    """Deploy every part and the front; all start at the same time."""
    import ray
    from ray.serve import run_many
    from ray.serve.api import RunTarget

    setting = Setting(
        storage.absolute(options.home), options.demands_keys, options.logs_predictions
    )
    nodes: Callable[[], list[dict[str, Any]]] = ray.nodes
    cpus = [each["Resources"].get("CPU", 0.0) for each in nodes() if each["Alive"]]
    share = cpu_share(cpus, len(parts) * options.replicas.maximum)
    front = front_application(setting, {part.name: part.blueprints for part in parts})
    run_many(
        [
            *(
                RunTarget(
                    part_application(part, setting, options.replicas, share),
                    part.name,
                    part.route_prefix,
                )
                for part in parts
            ),
            RunTarget(front, FRONT, "/"),
        ]
    )


def _releases(options: ServeOptions) -> dict[str, str]:
    """The champions' names by blueprint, as the pointers have them."""
    names = promoted_blueprints(options.home, options.blueprints)
    pointers = [read_pointer(options.home, name) for name in names]
    return {each.blueprint: each.release for each in pointers if each}
