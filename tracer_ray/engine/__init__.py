"""The only package of the library that imports Ray: it moves work and does no arithmetic."""
