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
    later = "mixing ema last_size last_crop_scale watch"
    assert [field.name for field in fields(Recipe)] == names.split() + later.split()
    assert list(TEN.as_dict()) == names.split()


@pytest.mark.parametrize(("field", "value"), [("mixing", "mixup"), ("ema", 0.999), ("last_size", 160)])
def test_a_recipe_that_uses_a_later_field_states_them_all(field: str, value: object) -> None:
    recipe = replace(TEN, **{field: value})  # type: ignore[arg-type]
    expected = {"mixing": "none", "ema": 0.0, "last_size": 0, "last_crop_scale": 0.7, "watch": "test"}
    assert recipe.as_dict() == TEN.as_dict() | expected | {field: value}
    assert Recipe(**recipe.as_dict()) == recipe
    assert Recipe(**TEN.as_dict()) == TEN


def test_the_last_tenth_has_its_own_size_and_crops() -> None:
    recipe = replace(RECIPES["imagenette"], last_size=160)
    assert [recipe.size_at(epoch) for epoch in range(40)] == [96] * 12 + [112] * 12 + [128] * 12 + [160] * 4
    assert [recipe.crop_scale_at(epoch) for epoch in (0, 35, 36, 39)] == [0.25, 0.25, 0.7, 0.7]
    assert RECIPES["imagenette"].crop_scale_at(39) == 0.25
    short = replace(TEN, epochs=3, last_size=48)
    assert [short.size_at(epoch) for epoch in range(3)] == [32, 32, 48]  # one epoch at least


def test_mixing_ends_before_the_last_15_percent_of_the_epochs() -> None:
    recipe = replace(TEN, epochs=20, mixing="cutmix")
    assert [epoch for epoch in range(20) if not recipe.mixes_at(epoch)] == [17, 18, 19]
    assert not any(TEN.mixes_at(epoch) for epoch in range(10))


def test_what_measures_every_epoch_has_a_name() -> None:
    whole = replace(TEN, valid_ratio=0.0)
    assert [TEN.watched, whole.watched, replace(whole, watch="training").watched] == [
        "validation",
        "test",
        "training sample",
    ]


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
        ("ema", 1.0, "0 to 0.99999"),
        ("last_size", -1, "0 to 4096"),
        ("last_crop_scale", 0.0, "0.01 to 1"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_limits(option: str, value: float, limits: str) -> None:
    with pytest.raises(DemoError) as caught:
        replace(TEN, **{option: value})  # type: ignore[arg-type]
    assert str(caught.value) == f"{option} = {value}: give a number from {limits}."
