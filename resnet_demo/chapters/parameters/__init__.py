"""How much does a bottleneck save? Counted in closed form, for any numbers."""

PAGES = ("blocks", "heads", "networks", "depth", "merging")
