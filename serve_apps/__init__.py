"""Serve applications: what `serve run` and `serve deploy` take."""
