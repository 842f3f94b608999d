"""Where do the networks find their evidence, and can a heat map be believed?"""

PAGES = ("maps", "checks", "gallery")
SHARED = "question"
"""What the pages share: of which networks, class, layer and method the maps are."""
