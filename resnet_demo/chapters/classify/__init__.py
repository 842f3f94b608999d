"""What is in this photo, and do a network and its plain twin agree?"""

PAGES = ("photograph",)
