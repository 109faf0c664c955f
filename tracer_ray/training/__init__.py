"""From feature matrices to a release: the pooled model, the fleet, and what is concluded."""
