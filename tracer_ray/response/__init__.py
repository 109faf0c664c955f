"""Responses: how a quantity reacts to its price, and which price that speaks for."""
