"""Tracer: prediction blueprints turned into small, honest, calibrated models on Ray."""

__version__ = "0.1.0"
