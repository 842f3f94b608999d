"""The pages of the block inspector, and what they draw."""
