"""The archive on real data: what is evaluated, how, and the page that is written from it."""
