"""The registry: which releases there are, and which one answers."""
