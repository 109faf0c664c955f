"""Claims about speed as scripts, each beside a named peer in the same run."""
