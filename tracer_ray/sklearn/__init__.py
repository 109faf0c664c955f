"""Tracer as scikit-learn estimators: fit and predict on data frames, in one process without Ray."""

from tracer_ray.sklearn.estimators import TracerClassifier, TracerRegressor

__all__ = ["TracerClassifier", "TracerRegressor"]
