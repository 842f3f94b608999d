"""Trained weights: their model cards, found, checked and loaded; the Hugging Face Hub, both ways."""
