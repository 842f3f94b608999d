"""The pages of the heat maps."""
