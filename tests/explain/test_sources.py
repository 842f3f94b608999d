"""Every method names its source, and the library that computes it names the same one."""

from importlib.metadata import metadata

from resnet_demo.explain.methods import METHODS


def test_every_method_has_a_source():
    sources = {method.source for method in METHODS.values()}
    assert {source for source in sources if not source.startswith("arXiv ")} == {
        "IEEE TIP 30, 2021",  # LayerCAM
        "WACV 2020",  # Ablation-CAM
        "pytorch-grad-cam",  # Eigen-Grad-CAM
    }


def test_the_library_cites_the_same_papers():
    """Its description lists them, a link above each title."""
    description = metadata("grad-cam").get_payload()
    assert isinstance(description, str)
    references = description.partition("# References")[2]
    titles = {
        "gradcam": "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
        "gradcam++": "Grad-CAM++: Improved Visual Explanations for Deep Convolutional Networks",
        "hirescam": "Use HiResCAM instead of Grad-CAM for faithful explanations",
        "xgradcam": "Axiom-based Grad-CAM: Towards Accurate Visualization and Explanation of CNNs",
        "eigencam": "Eigen-CAM: Class Activation Map using Principal Components",
        "scorecam": "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks",
        "fullgrad": "Full-Gradient Representation for Neural Network Visualization",
    }
    for method, title in titles.items():
        link = references.partition(title)[0].rpartition("https://arxiv.org/abs/")[2]
        assert link.split()[0] == METHODS[method].source.removeprefix("arXiv "), method
    assert "In WACV, pages 972–980, 2020" in references and "21TIP_LayerCAM" in references
