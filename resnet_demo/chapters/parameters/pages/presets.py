"""Comparisons that a lesson starts from: a key of the catalogue, and the columns as short texts."""

PRESETS = {
    "bottleneck": ("vgg,channels_in:256", "basic,channels_in:256", "bottleneck,channels_in:256,width:64"),
    "kernels": (
        "vgg,channels_in:64,depth:1,kernel:5",
        "vgg,channels_in:64,depth:2",
        "vgg,channels_in:64,depth:1,kernel:7",
        "vgg,channels_in:64,depth:3",
    ),
    "relatives": (
        "bottleneck,channels_in:256,width:64",
        "resnext,channels_in:256,width:128,groups:32",
        "wide,channels_in:256,width:64,widen:2",
    ),
    "shortcuts": (
        "basic,channels_in:64,channels_out:128,stride:2,shortcut:none",
        "basic,channels_in:64,channels_out:128,stride:2,shortcut:A",
        "basic,channels_in:64,channels_out:128,stride:2,shortcut:B",
        "bottleneck,channels_in:256,channels_out:512,width:128,stride:2,shortcut:B",
    ),
    "separable": (
        "vgg,channels_in:256,depth:1,bias:no,norm:yes",
        "depthwise,channels_in:256",
        "bottleneck,channels_in:256,width:64",
    ),
    "dense": (
        "dense,channels_in:64,growth:32,depth:6,width:128",
        "basic,channels_in:256",
        "bottleneck,channels_in:256",
    ),
    "million": ("vgg,channels_in:1000000", "bottleneck,channels_in:1000000", "depthwise,channels_in:1000000"),
}
FIRST = "bottleneck"
