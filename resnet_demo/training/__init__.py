"""Training networks: the recipe, the loop and the records of a run."""
