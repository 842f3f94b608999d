"""The guided path over the chapters: eight steps that ask for a guess before they show a measurement.

Its pages are laid out like a chapter's, but it may use the numbers and drawings of all chapters.
"""

STEPS = ("meet", "puzzle", "idea", "block", "maps", "gradients", "ablation", "cheap")
EXTRAS = ("after", "check", "misconceptions", "glossary", "sheet", "teacher")
"""Pages beside the steps."""
PAGES = (*STEPS, *EXTRAS)
