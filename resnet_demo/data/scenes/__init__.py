"""Scenes that the project draws itself, so that pictures of known classes are there offline."""
