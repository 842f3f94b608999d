"""The pages of the chapter, and what they draw."""
