"""How sure an answer is: calibrated probabilities and predictive distributions."""
