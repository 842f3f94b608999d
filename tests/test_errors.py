"""Expected errors carry a key and values, and read their sentence from the catalogue."""

import pickle

import pytest

from resnet_demo.errors import DemoError

pytestmark = pytest.mark.quick
TOO_LARGE = "batch_size = 5000: there are only 64 training images. Give 64 or fewer."


def test_an_error_words_its_values_and_keeps_them() -> None:
    error = DemoError("batch_too_large", value=5000, count=64)
    assert str(error) == TOO_LARGE
    assert (error.key, error.values) == ("batch_too_large", {"value": 5000, "count": 64})


def test_a_missing_sentence_and_a_missing_value_raise() -> None:
    with pytest.raises(KeyError):
        DemoError("no_such_error")
    with pytest.raises(KeyError):
        DemoError("batch_too_large", value=5000)


@pytest.mark.parametrize("kind", [DemoError, *DemoError.__subclasses__()])
def test_an_error_comes_whole_out_of_another_process(kind: type[DemoError]) -> None:
    found = pickle.loads(pickle.dumps(kind("batch_too_large", value=5000, count=64)))
    assert type(found) is kind
    assert str(found) == TOO_LARGE
    assert (found.key, found.values) == ("batch_too_large", {"value": 5000, "count": 64})
