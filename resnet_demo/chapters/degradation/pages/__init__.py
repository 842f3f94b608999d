"""The pages of the degradation problem."""
