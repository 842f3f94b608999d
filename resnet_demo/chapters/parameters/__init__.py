"""How much does a bottleneck save? Counted in closed form, for any numbers."""
