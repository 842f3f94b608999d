"""Class ids (folder names or official names) and English names of the small datasets, in label order."""

IMAGENETTE = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
CIFAR10 = {
    name: name for name in ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
}
STL10 = {name: name for name in ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")}
