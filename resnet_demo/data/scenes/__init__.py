"""Scenes drawn by the project, so that images of known classes are available offline."""
