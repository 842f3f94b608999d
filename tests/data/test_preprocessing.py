"""The one way from a picture to a network's input, with literal values."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from resnet_demo.data.preprocessing import Preprocessing
from tests.helpers.generated import pictures


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def test_a_picture_of_the_right_size_is_not_changed() -> None:
    picture = noise(160, 160)
    assert Preprocessing(160, 160).crop(picture).tobytes() == picture.tobytes()


def test_the_centre_is_cut() -> None:
    picture = Image.new("RGB", (8, 4), "black")
    picture.paste("red", (2, 0, 6, 4))
    assert Preprocessing(4, 4).crop(picture).getcolors() == [(16, (255, 0, 0))]


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300), (97, 500)])
def test_it_is_torchvisions_resize_and_centre_crop(width: int, height: int) -> None:
    ramp = np.linspace(0, 255, width)[None, :, None] * np.linspace(0.2, 1, height)[:, None, None]
    picture = Image.fromarray(np.repeat(ramp, 3, axis=2).astype(np.uint8))
    theirs = v2.Compose([v2.Resize(128), v2.CenterCrop(112)])(picture)
    ours = Preprocessing(128, 112).crop(picture)
    assert np.abs(np.asarray(ours, dtype=int) - np.asarray(theirs, dtype=int)).max() <= 2


@pytest.mark.parametrize(("width", "height"), [(4000, 8), (8, 4000), (8, 8)])
def test_any_ratio_and_size_gives_the_crop(width: int, height: int) -> None:
    assert Preprocessing(160, 128).crop(noise(width, height)).size == (128, 128)


def test_networks_that_take_a_picture_alike_share_its_crop() -> None:
    picture, other = noise(300, 200), noise(200, 200)
    crop = Preprocessing(128, 112).crop(picture)
    assert Preprocessing(128, 112).crop(picture) is crop
    assert Preprocessing(128, 96).crop(picture).size == (96, 96)
    assert Preprocessing(128, 96).crop(other).tobytes() != Preprocessing(128, 96).crop(picture).tobytes()
    assert Preprocessing(128, 112).crop(picture.copy()).tobytes() == crop.tobytes()


def test_normalising_by_hand() -> None:
    x = Preprocessing(2, 2).tensor(Image.new("RGB", (2, 2), (0, 255, 51)))
    assert (x.shape, x.dtype) == ((1, 3, 2, 2), torch.float32)
    expected = [(0 - 0.485) / 0.229, (1 - 0.456) / 0.224, (0.2 - 0.406) / 0.225]
    assert x[0, :, 1, 0].tolist() == pytest.approx(expected, abs=1e-6)


def test_a_batch_is_what_the_single_pictures_are() -> None:
    preprocessing, batch = Preprocessing(32, 24), pictures(3)
    single = [
        preprocessing.tensor(preprocessing.crop(Image.fromarray(p.permute(1, 2, 0).numpy()))) for p in batch.images
    ]
    assert torch.equal(preprocessing.batch(batch.images), torch.cat(single))


def test_a_batch_of_another_size_is_resized() -> None:
    flat = torch.full((2, 3, 40, 50), 51, dtype=torch.uint8)
    x = Preprocessing(32, 32, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)).batch(flat)
    assert x.shape == (2, 3, 32, 32)
    assert torch.allclose(x, torch.tensor(0.2))


def test_it_goes_onto_a_card_and_comes_back() -> None:
    preprocessing = Preprocessing(160, 128, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert Preprocessing.from_dict(preprocessing.as_dict()) == preprocessing


def test_networks_that_look_at_one_picture_share_its_crop_and_tensor() -> None:
    """Also when the first of them asks in inference mode: its tensor serves a gradient all the same."""
    preprocessing, picture = Preprocessing(32, 24), Image.new("RGB", (40, 30), "teal")
    with torch.inference_mode():
        x = preprocessing.tensor(preprocessing.crop(picture))
    assert preprocessing.crop(picture) is preprocessing.crop(picture)
    assert preprocessing.tensor(preprocessing.crop(picture)) is x and not x.is_inference()
    other = Preprocessing(32, 24, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    assert other.tensor(preprocessing.crop(picture))[0, :, 0, 0].tolist() == pytest.approx([0, 128 / 255, 128 / 255])
    another = preprocessing.crop(Image.new("RGB", (40, 30), "teal"))
    assert preprocessing.tensor(another) is not x and torch.equal(preprocessing.tensor(another), x)
