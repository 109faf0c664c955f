"""Other makers of classifiers, each run as a process of its own, under any interpreter that has it.

Run `python benchmarks/tabular_peers.py NAME FOLDER`; it reads train.parquet and test.parquet of the
folder, whose column `outcome` is 0 or 1, and writes NAME.npy, a probability per test row. Ends with
status 3 where the peer's package is not installed. Imports nothing of this project.
"""

import importlib
import importlib.util
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

OUTCOME, SEED, CPUS, NOT_INSTALLED = "outcome", 0, 2, 3
FLAML_S, AUTOGLUON_S = 60, 90
Probabilities = npt.NDArray[np.float64]


def logistic(train: pd.DataFrame, test: pd.DataFrame) -> Probabilities:
    """Ridge logistic regression, its penalty chosen by five folds; indicators for categories."""
    compose, impute, linear, pipe, preprocessing = (
        importlib.import_module(f"sklearn.{name}")
        for name in ("compose", "impute", "linear_model", "pipeline", "preprocessing")
    )
    inputs = train.drop(columns=OUTCOME)
    is_text = inputs.dtypes.astype(str) == "category"
    filled = impute.SimpleImputer(add_indicator=True)
    prepare = compose.make_column_transformer(
        (pipe.make_pipeline(filled, preprocessing.StandardScaler()), inputs.columns[~is_text]),
        (preprocessing.OneHotEncoder(handle_unknown="ignore"), inputs.columns[is_text]),
    )
    model = linear.LogisticRegressionCV(
        Cs=np.logspace(-4, 2, 10), l1_ratios=(0,), scoring="neg_log_loss", max_iter=2000
    )
    return _positive(pipe.make_pipeline(prepare, model).fit(inputs, train[OUTCOME]), test)


def lightgbm(train: pd.DataFrame, test: pd.DataFrame) -> Probabilities:
    """LightGBM with its default settings."""
    model = importlib.import_module("lightgbm").LGBMClassifier(
        random_state=SEED, n_jobs=CPUS, verbose=-1
    )
    return _positive(model.fit(train.drop(columns=OUTCOME), train[OUTCOME]), test)


def flaml(train: pd.DataFrame, test: pd.DataFrame) -> Probabilities:
    """FLAML with its default learners and a minute."""
    model = importlib.import_module("flaml").AutoML()
    model.fit(
        train.drop(columns=OUTCOME),
        train[OUTCOME],
        task="classification",
        metric="log_loss",
        time_budget=FLAML_S,
        n_jobs=CPUS,
        seed=SEED,
        verbose=0,
    )
    return _positive(model, test)


def autogluon(train: pd.DataFrame, test: pd.DataFrame) -> Probabilities:
    """AutoGluon's preset medium_quality with a minute and a half."""
    predictor = importlib.import_module("autogluon.tabular").TabularPredictor
    with tempfile.TemporaryDirectory() as folder:
        model = predictor(OUTCOME, eval_metric="log_loss", path=folder, verbosity=0)
        model.fit(train, presets="medium_quality", time_limit=AUTOGLUON_S, num_cpus=CPUS)
        return np.asarray(model.predict_proba(test.drop(columns=OUTCOME))[1], np.float64)


def _positive(model: Any, test: pd.DataFrame) -> Probabilities:
    return np.asarray(model.predict_proba(test.drop(columns=OUTCOME))[:, 1], np.float64)


Peer = Callable[[pd.DataFrame, pd.DataFrame], Probabilities]
PEERS: dict[str, tuple[Peer, str]] = {  # the peer, and the package that it needs
    "logistic": (logistic, "sklearn"),
    "lightgbm": (lightgbm, "lightgbm"),
    "flaml": (flaml, "flaml"),
    "autogluon": (autogluon, "autogluon"),
}


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and test rows, with texts as categories of the training rows."""
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    for name in train.columns:
        if not pd.api.types.is_numeric_dtype(train[name]):
            known = pd.CategoricalDtype(sorted(train[name].unique()))
            train[name], test[name] = train[name].astype(known), test[name].astype(known)
    return train, test


def main(name: str, folder: Path) -> int:
    """Fit the peer and write what it says of the test rows."""
    peer, package = PEERS[name]
    if importlib.util.find_spec(package) is None:
        return NOT_INSTALLED
    warnings.simplefilter("ignore")
    np.save(folder / f"{name}.npy", peer(*read(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
