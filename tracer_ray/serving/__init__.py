"""Serving: champions in memory and the HTTP application around them, knowing nothing of Ray."""
