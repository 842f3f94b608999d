"""What does "+ x" do, forward and backward? From one number to real blocks."""

PAGES = (
    "one_block",
    "many_blocks",
    "fitting",
    "downsampling",
    "downsampled_positions",
    "identity_mappings",
    "zero_gamma",
)
