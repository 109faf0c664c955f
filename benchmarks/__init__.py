"""Claims about speed and quality as scripts, each beside a named peer in the same run."""
