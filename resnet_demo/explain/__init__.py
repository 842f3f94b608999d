"""Predictions, heat maps and checks of whether a heat map can be trusted."""

from resnet_demo.explain.analysis import Analysis, explain
from resnet_demo.explain.batches import explain_all
from resnet_demo.explain.explanation import Explanation
from resnet_demo.explain.layers import layers
from resnet_demo.explain.methods import METHODS, SLOW
from resnet_demo.explain.prediction import Guess, Prediction, classify

__all__ = [
    "METHODS",
    "SLOW",
    "Analysis",
    "Explanation",
    "Guess",
    "Prediction",
    "classify",
    "explain",
    "explain_all",
    "layers",
]
