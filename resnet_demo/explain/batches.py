"""Many images at once: one forward pass and one gradient for the whole batch."""

from collections.abc import Sequence
from time import perf_counter

import torch
from PIL import Image

from resnet_demo.checkpoints.load import Classifier
from resnet_demo.explain.analysis import Analysis, Question, assemble, check, shortcut
from resnet_demo.explain.explanation import Explanation
from resnet_demo.explain.forward import Forward
from resnet_demo.explain.layers import block_of
from resnet_demo.explain.methods import METHODS, combine
from resnet_demo.explain.prediction import predict


@torch.inference_mode(False)
def explain_all(
    classifier: Classifier,
    images: Sequence[Image.Image],
    method: str = "gradcam",
    layer: str | Sequence[str] = "layer4",
    target: int | None = None,
    *,
    against: int | None = None,
    counterfactual: bool = False,
) -> tuple[Explanation, ...]:
    """The result of `explain` for each RGB image, in one batch; slow methods and FullGrad run image by image.

    `milliseconds` of a prediction is the image's share of the batch.
    """
    names = check(classifier, method, layer, target, against)
    if not METHODS[method].combine:
        only = shortcut(classifier, method, names)
        each = (Analysis(classifier, image, only) for image in images)
        return tuple(one.explain(method, names, target, against=against, counterfactual=counterfactual) for one in each)
    crops = [classifier.preprocessing.crop(image) for image in images]
    x = torch.cat([classifier.preprocessing.tensor(crop) for crop in crops]).to(classifier.device)  # (B, 3, H, W)
    taps = [block_of(classifier.network, name) for name in names]
    started = perf_counter()
    first = min(taps, key=list(classifier.network.blocks).index)
    forward = Forward(classifier.network, x, first, exact=shortcut(classifier, method, names) is None)
    logits = forward.logits.cpu()
    began = perf_counter() - (perf_counter() - started) / len(images)
    predictions = [predict(classifier, logits[i : i + 1], crop, began) for i, crop in enumerate(crops)]
    questions = [
        Question(prediction.top[0].index if target is None else target, against, counterfactual)
        for prediction in predictions
    ]
    directions = torch.stack([question.direction(logits.shape[1]) for question in questions]).to(classifier.device)
    maps = [
        combine(method, forward.activations[tap].cpu().numpy(), forward.gradients(tap, directions).cpu().numpy())
        for tap in taps
    ]
    return tuple(
        assemble(prediction, method, names, question, [layer_maps[i] for layer_maps in maps])
        for i, (prediction, question) in enumerate(zip(predictions, questions, strict=True))
    )
