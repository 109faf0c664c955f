"""The estimators: scikit-learn's conventions outside, a blueprint and a table inside."""

from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from tracer_ray.archive import blueprint as find
from tracer_ray.blueprint import Answer, Blueprint
from tracer_ray.data.decimal_commas import with_decimal_points
from tracer_ray.errors import TracerError
from tracer_ray.frames import to_arrow
from tracer_ray.rows import FloatArray
from tracer_ray.sklearn.columns import blueprint_of_columns
from tracer_ray.sklearn.table_model import FEWEST_ROWS, learn_table, row_column

Values = npt.NDArray[np.generic]


class _TracerEstimator(BaseEstimator):
    """What both estimators share: their parameters, and the way from X to a table.

    `blueprint` is an id of the archive, or a blueprint of one row per thing; its columns are found
    in the columns of X by their names. Without one every column of X is used as it is. `settings`
    are values of its parameters, `budget` is small, standard or large.
    """

    def __init__(
        self,
        blueprint: str | Blueprint | None = None,
        settings: dict[str, object] | None = None,
        budget: str = "small",
        random_state: int | None = None,
    ) -> None:
        """Keep the parameters as they are given; nothing is done before `fit`."""
        self.blueprint = blueprint
        self.settings = settings
        self.budget = budget
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Nulls are values like any other."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _learn(self, table: pa.Table, y: FloatArray, answer: Answer) -> None:
        if len(table) < FEWEST_ROWS:
            raise ValueError(
                f"Found array with {len(table)} sample(s) while a minimum of {FEWEST_ROWS} is "
                "required: some learn, some choose, some calibrate"
            )
        try:
            blueprint = self._blueprint_of(table, answer)
            outcome = blueprint.targets[0].columns[0]
            whole = _with_row_ids(table, blueprint).append_column(outcome, pa.array(y))
            self.model_ = learn_table(blueprint, whole, self.budget, self.random_state or 0)
        except TracerError as error:
            raise ValueError(str(error)) from error

    def _say(self, X: Any) -> FloatArray:
        check_is_fitted(self)
        table = self._table(X, is_fitting=False)
        try:
            return self.model_.predict(_with_row_ids(table, self.model_.blueprint))
        except TracerError as error:
            raise ValueError(str(error)) from error

    def _table(self, X: Any, *, is_fitting: bool) -> pa.Table:
        """X as a table: a data frame with its own columns, an array with x0, x1 and so on."""
        if hasattr(X, "columns"):
            validate_data(self, X, reset=is_fitting, skip_check_array=True)
            table = with_decimal_points(to_arrow(X))
        else:
            checked = validate_data(
                self, X, reset=is_fitting, dtype=np.float64, ensure_all_finite="allow-nan"
            )
            table = pa.table({f"x{place}": each for place, each in enumerate(checked.T)})
        if self.blueprint is not None:
            return table
        return table.rename_columns([f"x{place}" for place in range(table.num_columns)])

    def _blueprint_of(self, table: pa.Table, answer: Answer) -> Blueprint:
        if self.blueprint is None:
            return blueprint_of_columns(table, answer)
        given = self.blueprint
        found = find(given, self.settings) if isinstance(given, str) else given
        said = {target.answer for target in found.targets}
        if said != {answer}:
            raise ValueError(
                f"blueprint {found.id} answers with {', '.join(sorted(said))}, and "
                f"{type(self).__name__} with {answer}"
            )
        return found


class TracerClassifier(ClassifierMixin, _TracerEstimator):
    """A calibrated pooled model of two classes.

    After `fit`: `classes_`, the second of which is what a blueprint's probability is of, and
    `n_features_in_`. A class is predicted from a probability above one half on; a blueprint's own
    threshold is a decision about costs, which scikit-learn leaves to its users.

    >>> import pandas as pd
    >>> ages = pd.DataFrame({"age": range(40), "job": ["cook", "smith"] * 20})
    >>> left = (ages["age"] > 19).map({True: "left", False: "stayed"})
    >>> model = TracerClassifier().fit(ages, left)
    >>> model.predict_proba(ages).shape, model.classes_.tolist()
    ((40, 2), ['left', 'stayed'])
    """

    def __sklearn_tags__(self) -> Any:
        """Two classes and no more."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from a data frame or an array [rows, columns] and two classes [rows].

        Raises ValueError for anything else, and where rows or columns can't be used.
        """
        table, labels = self._table(X, is_fitting=True), _labels(self, X, y)
        check_classification_targets(labels)
        kind = type_of_target(labels, input_name="y")
        self.classes_, encoded = np.unique(labels, return_inverse=True)
        if kind != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {kind}."
            )
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class only, {self.classes_[0]}: nothing to tell apart")
        self._learn(table, encoded.astype(np.float64), Answer.PROBABILITY)
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """The calibrated probability of each class, float64 [rows, 2]."""
        probability = self._say(X)
        return np.column_stack([1.0 - probability, probability])

    def predict(self, X: Any) -> Values:
        """The more probable class [rows]."""
        is_second = self._say(X) > 0.5
        found: Values = self.classes_[is_second.astype(np.int64)]
        return found


class TracerRegressor(RegressorMixin, _TracerEstimator):
    """A pooled model of a number.

    >>> import numpy as np
    >>> x = np.arange(60.0)[:, None]
    >>> TracerRegressor().fit(x, 2.0 * x[:, 0]).predict(x[:2]).shape
    (2,)
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from a data frame or an array [rows, columns] and numbers [rows].

        Raises ValueError for anything else, and where rows or columns can't be used.
        """
        table, labels = self._table(X, is_fitting=True), _labels(self, X, y).astype(np.float64)
        assert_all_finite(labels, input_name="y")
        self._learn(table, labels, Answer.NUMBER)
        return self

    def predict(self, X: Any) -> FloatArray:
        """The prediction, float64 [rows]."""
        return self._say(X)


def _labels(estimator: BaseEstimator, X: Any, y: Any) -> Values:
    """The outcomes as one column of the length of X."""
    name = type(estimator).__name__
    if y is None:
        raise ValueError(f"This {name} estimator requires y to be passed, but the target y is None")
    check_consistent_length(X, y)
    labels: Values = column_or_1d(y, warn=True)
    if labels.dtype.kind == "f":
        assert_all_finite(labels, input_name="y")
    return labels


def _with_row_ids(table: pa.Table, blueprint: Blueprint) -> pa.Table:
    """The table with the place of each row as its id, where the blueprint wants one."""
    row = row_column(blueprint)
    if not row or row in table.column_names:
        return table
    return table.append_column(row, pa.array([str(place) for place in range(len(table))]))
