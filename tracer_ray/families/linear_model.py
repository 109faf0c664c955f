"""A fitted linear model: one weight per column of its encoding."""

from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.errors import ReleaseError
from tracer_ray.families.array_file import pack, unpack
from tracer_ray.families.contract import checked_offset, shares
from tracer_ray.families.design_matrix import Encoding
from tracer_ray.link import sigmoid
from tracer_ray.rows import Float32Array, FloatArray

_KIND = "elastic_net"


@dataclass(frozen=True)
class LinearModel:
    """The margin of a row is `intercept` plus `weights` times what its columns exceed `mean`.

    `spread` is the standard deviation of each column over the training rows.
    """

    encoding: Encoding
    mean: FloatArray
    spread: FloatArray
    weights: FloatArray
    intercept: float
    is_probability: bool
    has_offset: bool

    @property
    def rounds(self) -> int:
        """0: there are none."""
        return 0

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Values or probabilities, float64 [rows]."""
        known = checked_offset(offset, self.has_offset, len(x))
        # einsum, not BLAS: a row's answer must not depend on how many rows come with it
        columns = self.encoding.encode(x) - self.mean
        margin = self.intercept + known + np.einsum("ij,j->i", columns, self.weights)
        return sigmoid(margin) if self.is_probability else margin

    def contributions(self, x: Float32Array) -> FloatArray:
        """What each feature's columns add to the mean row's margin, which is the last column.

        These are the exact SHAP values of a linear model with independent features.
        """
        parts = (self.encoding.encode(x) - self.mean) * self.weights
        features = np.arange(len(self.encoding.fill))
        is_owner = self.encoding.owner[:, None] == features
        rest = np.full((len(x), 1), self.intercept)
        return np.concatenate([parts @ is_owner.astype(np.float64), rest], axis=1)

    def importances(self) -> FloatArray:
        """Shares of the absolute standardised weights."""
        features = len(self.encoding.fill)
        size = np.abs(self.weights) * self.spread
        of_feature = np.bincount(self.encoding.owner, weights=size, minlength=features)
        return shares(of_feature.astype(np.float64))

    def shifted(self, by: float) -> "LinearModel":
        """The model with another intercept."""
        return replace(self, intercept=self.intercept + by)

    def to_bytes(self) -> bytes:
        """Arrays as .npz."""
        encoding = self.encoding
        return pack(
            {
                "kind": np.array(_KIND),
                "range": np.stack([encoding.low, encoding.high, encoding.fill]),
                "nullable": encoding.nullable,
                "codes": encoding.codes,
                "columns": np.stack([self.mean, self.spread, self.weights]),
                "intercept": np.array(self.intercept),
                "is_probability": np.array(self.is_probability),
                "has_offset": np.array(self.has_offset),
            }
        )


def load_linear_model(data: bytes) -> LinearModel:
    """The model of `to_bytes`; ReleaseError where the bytes are none."""
    arrays = unpack(data, _KIND)
    try:
        low, high, fill = arrays["range"].astype(np.float64)
        mean, spread, weights = arrays["columns"].astype(np.float64)
        nullable, codes = arrays["nullable"].astype(np.int64), arrays["codes"].astype(np.int64)
        return LinearModel(
            Encoding(low, high, fill, nullable, codes),
            mean,
            spread,
            weights,
            float(arrays["intercept"].astype(np.float64)),
            bool(arrays["is_probability"]),
            bool(arrays["has_offset"]),
        )
    except (KeyError, ValueError) as error:
        raise ReleaseError(f"the arrays of a {_KIND} model are incomplete: {error}") from error
