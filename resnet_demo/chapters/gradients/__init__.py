"""Do gradients vanish without shortcuts? Measured, layer by layer."""

PAGES = ("flow", "claims", "paths", "shattered_gradients", "batch_norm", "kaiming")
