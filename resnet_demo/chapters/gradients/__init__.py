"""Do gradients vanish without shortcuts? Measured, layer by layer."""

PAGES = ("claims", "flow", "paths", "shattered_gradients")
