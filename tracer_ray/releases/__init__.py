"""Releases: the immutable result of one training run."""
