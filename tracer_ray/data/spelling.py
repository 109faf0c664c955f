"""When two names are the same, however they are written."""


def fold(name: str) -> str:
    """A name without case, spaces and punctuation: equal for names that mean the same.

    >>> fold(" Customer ID") == fold("customerId") == fold("customer_id")
    True
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())
