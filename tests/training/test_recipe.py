"""Schedules and sizes with literal values, and what is refused."""

from dataclasses import fields, replace

import pytest

from resnet_demo.errors import DemoError
from resnet_demo.training.recipe import RECIPES, Recipe

TEN = Recipe(10, 8, 0.1, 32, 32, 32, "pad-crop", warmup=2.0)


@pytest.mark.parametrize(
    ("epoch", "rate"),
    [(0, 0.0), (1, 0.05), (1.5, 0.075), (2, 0.1), (4, 0.0853553), (6, 0.05), (8, 0.0146447), (10, 0.0)],
)
def test_the_cosine_schedule_climbs_for_two_epochs_and_falls_to_zero(epoch: float, rate: float) -> None:
    assert TEN.rate(epoch) == pytest.approx(rate, abs=1e-7)


@pytest.mark.parametrize(
    ("epoch", "rate"), [(0, 0.0), (1, 0.05), (2, 0.1), (4.99, 0.1), (5, 0.01), (7.49, 0.01), (7.5, 0.001), (9.9, 0.001)]
)
def test_the_step_schedule_divides_by_ten_at_a_half_and_three_quarters(epoch: float, rate: float) -> None:
    assert replace(TEN, schedule="step").rate(epoch) == pytest.approx(rate, abs=1e-12)


@pytest.mark.parametrize("schedule", ["cosine", "step"])
def test_warm_up_takes_a_quarter_of_a_short_run_at_most(schedule: str) -> None:
    short = replace(TEN, epochs=2, schedule=schedule)  # type: ignore[arg-type]
    assert [short.rate(epoch) for epoch in (0, 0.25, 0.5)] == pytest.approx([0.0, 0.05, 0.1])


def test_pictures_grow_until_three_fifths_of_the_epochs() -> None:
    recipe = RECIPES["imagenette"]
    assert [recipe.size_at(epoch) for epoch in range(40)] == [96] * 12 + [112] * 12 + [128] * 16


def test_pictures_of_one_size_stay_at_it() -> None:
    assert {RECIPES["cifar10"].size_at(epoch) for epoch in range(30)} == {32}


def test_the_fields_are_those_that_state_files_and_cards_hold() -> None:
    names = "epochs batch_size learning_rate first_size size test_size augmentation schedule warmup momentum "
    names += "weight_decay label_smoothing crop_scale valid_ratio patience seed"
    assert [field.name for field in fields(Recipe)] == names.split()


@pytest.mark.parametrize(
    ("option", "value", "limits"),
    [
        ("epochs", 0, "1 to 10000"),
        ("batch_size", 1, "2 to 65536"),
        ("learning_rate", 0.0, "1e-06 to 100"),
        ("learning_rate", float("nan"), "1e-06 to 100"),
        ("momentum", 1.0, "0 to 0.999"),
        ("weight_decay", -0.1, "0 to 1"),
        ("valid_ratio", -0.1, "0 to 0.5"),
        ("patience", -1, "0 to 10000"),
        ("seed", -1, "0 to 2147483647"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_limits(option: str, value: float, limits: str) -> None:
    with pytest.raises(DemoError) as caught:
        replace(TEN, **{option: value})  # type: ignore[arg-type]
    assert str(caught.value) == f"{option} = {value}: give a number from {limits}."
