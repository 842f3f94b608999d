"""What does "+ x" do, forward and backward? From one number to real blocks."""
