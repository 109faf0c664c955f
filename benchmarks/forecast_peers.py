"""Other forecasts of daily series over some weeks, under any interpreter that has their package.

`python forecast_peers.py PEER FOLDER` reads FOLDER/past.parquet and FOLDER/coming.parquet (`store`,
`date`, `sales`, `promo`, `school_holiday`; the coming rows without `sales`, and only days on which
a store is open) and writes PEER.npy, one forecast per coming row. Ends with status 3 where the
package is not installed. Imports nothing of this project.
"""

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

CPUS, NOT_INSTALLED = 2, 3
KNOWN = ["promo", "school_holiday", "is_open"]
Forecasts = npt.NDArray[np.float64]


def median(past: pd.DataFrame, coming: pd.DataFrame) -> Forecasts:
    """The store's median on the same weekdays with or without a promotion, over all its past."""
    keys = ["store", "weekday", "promo"]
    known, asked = (each.assign(weekday=each["date"].dt.dayofweek) for each in (past, coming))
    medians = known.groupby(keys, as_index=False)["sales"].median()
    found = asked.merge(medians, on=keys, how="left")["sales"]
    whole = asked["store"].map(known.groupby("store")["sales"].median())
    return np.asarray(found.fillna(whole), np.float64)


def seasonal_ets(past: pd.DataFrame, coming: pd.DataFrame) -> Forecasts:
    """statsforecast's AutoETS with weekly seasons on all days, closed ones at 0."""
    models = importlib.import_module("statsforecast.models")
    forecast = importlib.import_module("statsforecast").StatsForecast(
        [models.AutoETS(season_length=7)], freq="D", n_jobs=CPUS
    )
    grid, horizon = _grid(past, coming)
    found = forecast.forecast(df=grid[["unique_id", "ds", "y"]], h=horizon)
    return _on_rows(found, "AutoETS", coming)


def mlforecast(past: pd.DataFrame, coming: pd.DataFrame) -> Forecasts:
    """LightGBM in mlforecast on logarithms: lags, seasonal means, dates and what is planned."""
    boosting, forecasting, transforms, targets, preprocessing = (
        importlib.import_module(name)
        for name in (
            "lightgbm",
            "mlforecast",
            "mlforecast.lag_transforms",
            "mlforecast.target_transforms",
            "sklearn.preprocessing",
        )
    )
    seasonal = [transforms.SeasonalRollingMean(7, window) for window in (4, 12)]
    model = boosting.LGBMRegressor(
        n_estimators=500, learning_rate=0.05, num_leaves=63, n_jobs=CPUS, verbose=-1, random_state=0
    )
    logarithms = preprocessing.FunctionTransformer(np.log1p, np.expm1)
    made = forecasting.MLForecast(
        models={"lightgbm": model},
        freq="D",
        lags=[1, 7, 14, 21, 28, 364],
        lag_transforms={1: [transforms.RollingMean(28), *seasonal]},
        date_features=["dayofweek", "day", "month", "dayofyear"],
        target_transforms=[targets.GlobalSklearnTransformer(logarithms)],
        num_threads=CPUS,
    )
    grid, horizon = _grid(past, coming)
    made.fit(grid, static_features=[])
    found = made.predict(horizon, X_df=_planned(coming, made.make_future_dataframe(horizon)))
    return _on_rows(found, "lightgbm", coming)


def _grid(past: pd.DataFrame, coming: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """All days of each store to the last of the past, as these packages want it; the horizon."""
    last = past["date"].max()
    stores = past.loc[past["store"].isin(coming["store"].unique())]
    days = pd.concat(
        pd.DataFrame({"store": store, "date": pd.date_range(first, last)})
        for store, first in stores.groupby("store")["date"].min().items()
    )
    whole = days.merge(stores.assign(is_open=1), on=["store", "date"], how="left").fillna(0)
    named = whole.rename(columns={"store": "unique_id", "date": "ds", "sales": "y"})
    return named[["unique_id", "ds", "y", *KNOWN]], int((coming["date"].max() - last).days)


def _planned(coming: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """What is known of all coming days; nothing is planned on those on which a store is closed."""
    known = coming.assign(is_open=1).rename(columns={"store": "unique_id", "date": "ds"})
    columns = ["unique_id", "ds", *KNOWN]
    return days.merge(known[columns], on=["unique_id", "ds"], how="left").fillna(0)


def _on_rows(found: pd.DataFrame, column: str, coming: pd.DataFrame) -> Forecasts:
    named = found.reset_index().rename(columns={"unique_id": "store", "ds": "date"})
    rows = coming[["store", "date"]].merge(named, on=["store", "date"], how="left")
    return np.maximum(np.asarray(rows[column], np.float64), 0.0)


Peer = Callable[[pd.DataFrame, pd.DataFrame], Forecasts]
PEERS: dict[str, tuple[Peer, str]] = {  # the peer, and the package that it needs
    "median": (median, "pandas"),
    "AutoETS": (seasonal_ets, "statsforecast"),
    "mlforecast": (mlforecast, "mlforecast"),
}


def main(name: str, folder: Path) -> int:
    """Fit the peer and write what it says of the coming rows."""
    peer, package = PEERS[name]
    if importlib.util.find_spec(package) is None:
        return NOT_INSTALLED
    warnings.simplefilter("ignore")
    past, coming = (pd.read_parquet(folder / f"{part}.parquet") for part in ("past", "coming"))
    np.save(folder / f"{name}.npy", peer(past, coming))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
