"""Expected errors carry a sentence, a key and the values in it."""

import pickle

import pytest

from resnet_demo.errors import DemoError


def test_an_error_words_its_values_and_keeps_them() -> None:
    error = DemoError("example", "{name} = {value:,}: too large.", name="size", value=5000)
    assert str(error) == "size = 5,000: too large."
    assert (error.key, error.values) == ("example", {"name": "size", "value": 5000})


def test_a_value_may_have_any_name() -> None:
    error = DemoError("example", "{key} and {message} differ.", key="fc.weight", message="fc.bias")
    assert str(error) == "fc.weight and fc.bias differ."
    assert error.key == "example"


@pytest.mark.parametrize("kind", [DemoError, *DemoError.__subclasses__()])
def test_an_error_comes_whole_out_of_another_process(kind: type[DemoError]) -> None:
    error = kind("example", "{key} = {value:,}: too large.", key="size", value=5000)
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is kind
    assert str(found) == "size = 5,000: too large."
    assert (found.key, found.values) == ("example", {"key": "size", "value": 5000})
