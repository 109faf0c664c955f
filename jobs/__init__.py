"""One short file per job: parse the arguments, call the library, print one line of JSON."""
