"""Acme's own blueprints: Tracer reads the `Blueprint` constants of this package's modules."""
