"""What goes in: datasets, preprocessing, example pictures."""
