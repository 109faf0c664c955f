"""What serving costs: ours, a bare FastAPI application around the same model, Ray Serve's defaults.

Run `python -m benchmarks.serve --home HOME` where HOME has a champion of player_props (`make demo`
makes one); prints Markdown tables. Server and client share the machine, one peer after another.
BentoML takes part where `--bentoml-python` names a Python that has it beside Tracer.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvloop

from benchmarks.http_load import Outcome, Target, answers, closed_loop, free_port, open_loop
from tracer_ray.prediction.examples import example_request
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.pointers import read_pointer

BLUEPRINT = "player_props"
PATH = f"/predict/{BLUEPRINT}"
PEERS = {
    "ours": "Tracer, one replica",
    "fastapi": "bare FastAPI on uvicorn",
    "defaults": "Ray Serve's defaults",
}
BENTOML = "BentoML, one worker"
CLIENTS = (1, 16, 64, 256)
LIMIT_S = 120.0
MOST_SENT = 6_000  # requests a second that the client manages with a sixth of a core
CAPACITY, OVERLOAD = "capacity (64 clients)", f"3 x capacity, at most {MOST_SENT:,}/s"


def main() -> None:
    """Measure every peer, or be one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", required=True)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--loads", nargs="+", choices=LOADS, default=list(LOADS))
    parser.add_argument("--peer", choices=PEERS)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bentoml-python", default="")
    given = parser.parse_args()
    if given.peer:
        from benchmarks import serve_peers

        serve_peers.run(given.peer, given.home, given.port)
        return
    pointer = read_pointer(given.home, BLUEPRINT)
    if pointer is None:
        sys.exit(f"{given.home}: no champion of {BLUEPRINT}")
    row = dict(example_request(Predictor.open(pointer.uri)))
    module = [sys.executable, "-m", "benchmarks.serve", "--home", given.home]
    commands = {name: [*module, "--peer", peer] for peer, name in PEERS.items()}
    if given.bentoml_python:
        service = ["serve", "benchmarks.serve_bentoml:Predictions", "--host", "127.0.0.1"]
        commands[BENTOML] = [given.bentoml_python, "-m", "bentoml", *service]
    os.environ["TRACER_HOME"] = given.home
    asked = row, given.seconds, given.loads
    _print({name: _measure(each, *asked) for name, each in commands.items()})


def _measure(
    command: list[str], row: dict[str, object], for_s: float, loads: list[str]
) -> dict[str, Outcome]:
    results: dict[str, Outcome] = {}
    with _started(command) as port:
        single = Target(port, PATH, json.dumps(row).encode())
        batch = Target(port, f"{PATH}/batch", json.dumps({"rows": [row] * 1000}).encode())
        uvloop.run(closed_loop(single, 4, 2.0))  # warm
        for load in loads:
            results |= LOADS[load](single, batch, for_s)
    return results


def _clients(single: Target, _: Target, for_s: float) -> dict[str, Outcome]:
    closed = {
        f"{clients} clients": uvloop.run(closed_loop(single, clients, for_s)) for clients in CLIENTS
    }
    return {**closed, "100 requests/s": uvloop.run(open_loop(single, 100, for_s))}


def _batches(_: Target, batch: Target, for_s: float) -> dict[str, Outcome]:
    alone, capacity = (uvloop.run(closed_loop(batch, clients, for_s)) for clients in (1, 4))
    overload = uvloop.run(open_loop(batch, 3 * capacity.per_second, for_s))
    return {
        "1,000-row batch, 1 client": alone,
        "1,000-row batch, 4 clients": capacity,
        "1,000-row batch, 3 x capacity": overload,
    }


def _overload(single: Target, _: Target, for_s: float) -> dict[str, Outcome]:
    capacity = uvloop.run(closed_loop(single, 64, for_s))
    rate = min(3 * capacity.per_second, MOST_SENT)
    return {CAPACITY: capacity, OVERLOAD: uvloop.run(open_loop(single, rate, for_s))}


LOADS = {"clients": _clients, "batches": _batches, "overload": _overload}


@contextmanager
def _started(command: list[str]) -> Iterator[int]:
    """A peer in a process of its own; the port on which it answers."""
    port = free_port()
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        started = time.perf_counter()
        while not answers(port, PATH):
            if process.poll() is not None or time.perf_counter() - started > LIMIT_S:
                raise TimeoutError(f"{command} does not answer")
            time.sleep(0.2)
        print(f"it answers after {time.perf_counter() - started:.1f} s", file=sys.stderr)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _print(measured: dict[str, dict[str, Outcome]]) -> None:
    columns = (
        "load",
        "server",
        "answers/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
        "not answered",
    )
    print(f"| {' | '.join(columns)} |\n|---|---|{'---:|' * (len(columns) - 2)}")
    for load in next(iter(measured.values())):
        for peer, results in measured.items():
            outcome = results[load]
            others = {status: n for status, n in outcome.statuses.items() if status != 200}
            told = ", ".join(f"{n} x {status}" for status, n in sorted(others.items())) or "0"
            times = " | ".join(f"{outcome.milliseconds(q):.1f}" for q in (0.5, 0.95, 0.99, 1.0))
            print(f"| {load} | {peer} | {outcome.per_second:,.0f} | {times} | {told} |")


if __name__ == "__main__":
    main()
