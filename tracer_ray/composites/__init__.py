"""Composites: several predictions of one entity, and which actions pay over a horizon."""
