"""The pages of the gradient highway."""
