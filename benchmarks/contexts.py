"""What keeping contexts would save: asked of a running service, put together, and looked up.

Run `python -m benchmarks.contexts --home HOME` where HOME has a champion of player_props; prints a
Markdown table. All are measured in turns, so what else the machine does falls on each of them. The
least that an answer kept by the front could take is `/health`, which the front answers by itself.
"""

import argparse
import socket
import time
from collections.abc import Callable, Mapping, Sequence

import httpx
import numpy as np

from tracer_ray.engine.serve import ServeOptions, start, stop
from tracer_ray.prediction.context import contexts
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.pointers import read_pointer
from tracer_ray.serving.json_text import json_bytes

BLUEPRINT, MOST, ROUNDS = "player_props", 50, 300
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
    owners = [str(each) for each in predictor.owners]
    names = (owners * MOST)[:MOST]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    service = start(ServeOptions(home, (BLUEPRINT,), port=port))
    try:
        with httpx.Client(base_url=service.url, timeout=60.0) as client:
            _print(_measured({**_inside(predictor, names), **_outside(client, names)}))
    finally:
        stop()


def _inside(predictor: Predictor, names: Sequence[str]) -> Acts:
    told = contexts(predictor, names)
    kept = dict(zip(names, told, strict=True))
    return {
        "1, put together": lambda: contexts(predictor, names[:1]),
        "50, put together": lambda: contexts(predictor, names),
        "50, looked up in memory": lambda: [kept[name] for name in names],
        "50, written as JSON": lambda: json_bytes(told),
    }


def _outside(client: httpx.Client, names: Sequence[str]) -> Acts:
    return {
        "1, over HTTP": lambda: client.get(f"{PATH}/{names[0]}").raise_for_status(),
        "50, over HTTP": lambda: client.post(
            f"{PATH}/batch", json={"entities": names}
        ).raise_for_status(),
        "`/health`, over HTTP": lambda: client.get("/health").raise_for_status(),
    }


def _measured(acts: Acts) -> dict[str, list[float]]:
    """The milliseconds of each act, in turns."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
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
