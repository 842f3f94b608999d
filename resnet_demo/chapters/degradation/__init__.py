"""More layers, more error: the problem that residual networks were made for."""

PAGES = ("study", "live_training", "ablation", "early_exit", "landscape")
