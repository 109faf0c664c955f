"""What keeping contexts saves: asked of a running service for the first time, and again.

Run `python -m benchmarks.contexts --home HOME` where HOME has a champion of player_props with many
players; prints a Markdown table. All are measured in turns, so what else the machine does falls on
each of them. Nobody is asked about twice where contexts are to be put together. `/health` is what
the front answers by itself.
"""

import argparse
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import httpx
import numpy as np

from tracer_ray.engine.serve import ServeOptions, start, stop
from tracer_ray.prediction.context import contexts
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.pointers import read_pointer
from tracer_ray.serving.json_text import json_bytes

BLUEPRINT, MOST = "player_props", 50
PATH = f"/context/{BLUEPRINT}"
Acts = Mapping[str, Callable[[], object]]


def main() -> None:
    """Measure one context and fifty, over HTTP and without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", required=True)
    home = str(parser.parse_args().home)
    pointer = read_pointer(home, BLUEPRINT)
    if pointer is None:
        parser.error(f"{home}: no champion of {BLUEPRINT}")
    predictor = Predictor.open(pointer.uri)
    names = [str(each) for each in predictor.owners]
    if len(names) < 3 * (MOST + 1):
        parser.error(f"{home}: {len(names)} players are too few")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    service = start(ServeOptions(home, (BLUEPRINT,), port=port))
    try:
        with httpx.Client(base_url=service.url, timeout=60.0) as client:
            acts = {**_inside(predictor, names[:MOST]), **_outside(client, names)}
            _print(_measured(acts, rounds=len(names) // (MOST + 1) - 1))
    finally:
        stop()


def _inside(predictor: Predictor, names: Sequence[str]) -> Acts:
    told = contexts(predictor, names)
    return {
        "1, put together": lambda: contexts(predictor, names[:1]),
        "50, put together": lambda: contexts(predictor, names),
        "50, written as JSON": lambda: json_bytes(told),
    }


def _outside(client: httpx.Client, names: Sequence[str]) -> Acts:
    again, fresh = names[:MOST], iter(names[MOST:])
    _ask(client, again)
    return {
        "1, over HTTP, for the first time": lambda: _ask(client, [next(fresh)]),
        "1, over HTTP, kept": lambda: _ask(client, again[:1]),
        "50, over HTTP, for the first time": lambda: _ask(client, [*islice(fresh, MOST)]),
        "50, over HTTP, kept": lambda: _ask(client, again),
        "`/health`, over HTTP": lambda: client.get("/health").raise_for_status(),
    }


def _ask(client: httpx.Client, names: Sequence[str]) -> None:
    if len(names) == 1:
        client.get(f"{PATH}/{names[0]}").raise_for_status()
    else:
        client.post(f"{PATH}/batch", json={"entities": names}).raise_for_status()


def _measured(acts: Acts, rounds: int) -> dict[str, list[float]]:
    """The milliseconds of each act, in turns."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            began_s = time.perf_counter()
            act()
            taken[name].append(1e3 * (time.perf_counter() - began_s))
    return taken


def _print(taken: Mapping[str, Sequence[float]]) -> None:
    print("| contexts | p50 ms | p95 ms |\n|---|---:|---:|")
    for name, each in taken.items():
        p50, p95 = np.quantile(each, (0.5, 0.95))
        print(f"| {name} | {p50:.2f} | {p95:.2f} |")


if __name__ == "__main__":
    main()
