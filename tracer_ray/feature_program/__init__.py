"""Features compiled to one program: all history at once, or the next row, the same numbers."""
