"""Do gradients vanish without shortcuts? Measured, layer by layer."""
