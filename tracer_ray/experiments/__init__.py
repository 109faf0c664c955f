"""Experiments: challengers beside a champion, what was predicted, what happened, and who is better.

Nothing here knows the registry, HTTP or Ray.
"""
