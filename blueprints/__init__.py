"""The blueprint archive: one file per blueprint, each a constant and its docstring."""
