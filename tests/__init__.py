"""Tests, by how much they need: units, contracts, properties, the engine, the whole way."""
