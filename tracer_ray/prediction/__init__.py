"""Prediction: one predictor for requests, folders of rows, and evaluation."""

from tracer_ray.prediction.predictor import Predictor

__all__ = ["Predictor"]
