"""Sales of each store six weeks ahead, from several days on, beside what others forecast.

Run `python -m benchmarks.forecast FILE [--origin DATE ...] [--peers-python PATH]` with Rossmann's
daily sales; prints a Markdown table. Everybody knows all days before an origin, and of the days
after it which stores are open, their promotions and the school holidays. Tracer is trained by
`tracer train revenue_forecast` as it comes; the peers are those of forecast_peers.py, under an
interpreter of their own, and left out where it has none. Times are those of whole processes.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.contenders import Contender, ask_peer, train_release
from benchmarks.forecast_peers import PEERS
from tracer_ray.errors import RequestError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.rows import FloatArray

WEEKS = 6
ORIGINS = ("2014-06-20", "2015-02-14", "2015-03-28", "2015-05-09")
ASKED_TOGETHER = 4096


def compete(data: pa.Table, origin: date, python: str) -> Iterator[str]:
    """The lines of the table from one origin on, Tracer's first."""
    past = data.filter(pc.less(data["date"], pa.scalar(origin).cast(data["date"].type)))
    coming = _coming(data, past, origin)
    actual = coming["sales"].to_numpy().astype(np.float64)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        pq.write_table(past, home / "past.parquet")
        pq.write_table(coming.drop_columns(["sales", "customers"]), home / "coming.parquet")
        yield _line(origin, actual, _tracer(home))
        for peer in PEERS:
            found = ask_peer("forecast_peers.py", peer, python, home)
            if found:
                yield _line(origin, actual, found)


def _coming(data: pa.Table, past: pa.Table, origin: date) -> pa.Table:
    """The rows of the next weeks, of stores that have a past."""
    kind = data["date"].type
    is_next = pc.and_(
        pc.greater_equal(data["date"], pa.scalar(origin).cast(kind)),
        pc.less(data["date"], pa.scalar(origin + timedelta(weeks=WEEKS)).cast(kind)),
    )
    return data.filter(pc.and_(is_next, pc.is_in(data["store"], pc.unique(past["store"]))))


def _tracer(home: Path) -> Contender:
    """What a release of the past says of the coming rows, and the seconds of both."""
    began = time.perf_counter()
    past = str(home / "past.parquet")
    uri = train_release("revenue_forecast", "--data", past, "--home", str(home))
    predictor = Predictor.open(uri)
    requests = pq.read_table(home / "coming.parquet").to_pylist()
    asked = [{key: each[key] for key in each if predictor.accepts(key)} for each in requests]
    said = []
    for start in range(0, len(asked), ASKED_TOGETHER):
        for answer in predictor.answer(asked[start : start + ASKED_TOGETHER]):
            if isinstance(answer, RequestError):
                raise answer
            said.append(float(str(answer["predicted_value"])))
    return Contender("Tracer", np.array(said), time.perf_counter() - began)


def _line(origin: date, actual: FloatArray, found: Contender) -> str:
    said = found.said
    share = (actual - said) / actual
    rmspe, mape = np.sqrt(np.mean(share**2)), np.abs(share).mean()
    logarithms = np.sqrt(np.mean((np.log1p(actual) - np.log1p(said)) ** 2))
    errors = f"{rmspe:.4f} | {logarithms:.4f} | {mape:.4f}"
    return f"| {origin} | {found.name} | {errors} | {found.seconds:.0f} s |"


def main() -> None:
    """Compete from every origin on, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--origin", action="append", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--peers-python", default=sys.executable, metavar="PATH")
    given = parser.parse_args()
    data = pq.read_table(given.file)
    print("| from | forecast by | RMSPE | RMSE of log(1 + sales) | absolute share | wall |")
    print("|---|---|---|---|---|---|", flush=True)
    for origin in given.origin or map(date.fromisoformat, ORIGINS):
        for line in compete(data, origin, given.peers_python):
            print(line, flush=True)


if __name__ == "__main__":
    main()
