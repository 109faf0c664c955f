"""From raw files to datasets: matching columns, reading values, keeping what is bad."""
