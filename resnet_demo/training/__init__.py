"""Training from random weights: the recipe, the loop, and what is written down of it."""
