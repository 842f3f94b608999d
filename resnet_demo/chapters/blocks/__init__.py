"""What is a ResNet made of, block by block, and what are the real values inside it?"""

PAGES = ("network", "block", "decision", "anysize", "response")
