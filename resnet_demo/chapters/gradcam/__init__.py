"""Where do the networks find their evidence, can a heat map be believed, and how do they learn where to look?"""

PAGES = ("maps", "checks", "gallery", "film")
SHARED = "question"
"""What the pages share: of which networks, class, layer and method the maps are."""
