"""The features of one number's past as others make them: pandas, polars and mlforecast.

`python feature_peers.py PEER FOLDER` reads FOLDER/rows.parquet (`unique_id`, `ds`, `y`; sorted by
both), writes the features in the order of SHARED to FOLDER/PEER.npy, float64 [rows, features], and
prints the package's version and the CPU seconds of the quickest of three runs. Nothing of Tracer is
imported, because a peer may live in an environment of its own.
"""

import importlib
import importlib.metadata
import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

NOT_INSTALLED, REPEATS = 3, 3
SHARED = (
    ("mean", 3),
    ("mean", 5),
    ("mean", 10),
    ("mean", 20),
    ("mean", 40),
    ("std", 20),
    ("min", 10),
    ("max", 10),
    ("median", 20),
    ("expanding_mean", 0),
    ("lag", 1),
)
Matrix = npt.NDArray[np.float64]


def in_pandas(frame: Any) -> Any:
    """Grouped rolling windows over the shifted column."""
    pandas = importlib.import_module("pandas")
    earlier = frame.groupby("unique_id")["y"].shift(1)
    groups = earlier.groupby(frame["unique_id"])
    made = {}
    for kind, window in SHARED:
        if kind == "lag":
            made[kind, window] = earlier.to_numpy()
        else:
            of = groups.expanding() if not window else groups.rolling(window, min_periods=1)
            made[kind, window] = getattr(of, kind.removeprefix("expanding_"))().to_numpy()
    return pandas.DataFrame(made)


def in_polars(frame: Any) -> Any:
    """Rolling expressions over each id."""
    column = importlib.import_module("polars").col
    earlier = column("y").shift(1)
    made = []
    for kind, window in SHARED:
        if kind == "lag":
            each = earlier
        elif kind == "expanding_mean":
            each = earlier.cum_sum() / earlier.cum_count()
        else:
            each = getattr(earlier, f"rolling_{kind}")(window, min_samples=1)
        made.append(each.over("unique_id").alias(f"{kind}_{window}"))
    return frame.select(made)


def in_mlforecast(frame: Any) -> Any:
    """Lag transforms; a lag comes before them in what `preprocess` gives, and after them here."""
    transforms = importlib.import_module("mlforecast.lag_transforms")
    made = [_lag_transform(transforms, kind, window) for kind, window in SHARED if kind != "lag"]
    forecast = importlib.import_module("mlforecast").MLForecast(
        models=[], freq=1, lags=[1], lag_transforms={1: made}, num_threads=1
    )
    found = forecast.preprocess(frame, dropna=False, static_features=[])
    names = [name for name in found.columns if name not in ("unique_id", "ds", "y", "lag1")]
    return found.select([*names, "lag1"])


def _lag_transform(transforms: Any, kind: str, window: int) -> Any:
    if kind == "expanding_mean":
        return transforms.ExpandingMean()
    if kind == "median":
        return transforms.RollingQuantile(0.5, window, min_samples=1)
    return getattr(transforms, f"Rolling{kind.title()}")(window, min_samples=1)


PEERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "pandas": (in_pandas, "pandas"),
    "polars": (in_polars, "polars"),
    "mlforecast": (in_mlforecast, "polars"),
}


def main(name: str, folder: Path) -> int:
    """Compute, write and print."""
    peer, frames = PEERS[name]
    if importlib.util.find_spec(name) is None:
        return NOT_INSTALLED
    frame = importlib.import_module(frames).read_parquet(folder / "rows.parquet")
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        found = peer(frame)
        times.append(time.process_time() - began)
    np.save(folder / f"{name}.npy", np.asarray(found.to_numpy(), np.float64))
    print(importlib.metadata.version(name), min(times))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
