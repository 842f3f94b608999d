"""More layers, more error: the problem that residual networks solve, measured again."""
