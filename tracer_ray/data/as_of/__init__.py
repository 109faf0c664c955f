"""What was known at a time: events aggregated as of rows, and rows made of events."""
