"""From files to a suggestion: what the data is, and which blueprints it fits."""
