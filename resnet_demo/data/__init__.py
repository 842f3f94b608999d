"""Network inputs: datasets, preprocessing and example images."""
