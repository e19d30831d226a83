"""Each layer, given any bytes, gives an answer or one of our errors, inside its arrays."""

from __future__ import annotations

import numpy as np
import pytest

from tests.hostile import layers
from tests.hostile.guards import GuardError, guards
from tests.hostile.layers import LAYERS, Layer, lasting_violation, run, violation


@pytest.mark.checked
@pytest.mark.parametrize("name", LAYERS)
def test_any_bytes_give_an_answer_or_our_error(name: str) -> None:
    assert run(name, 400, 5) == []


@pytest.mark.parametrize("name", LAYERS)
def test_the_seeds_are_good(name: str) -> None:
    for data in LAYERS[name].seeds()[:20]:
        LAYERS[name].run(data)


def test_a_byte_beside_an_array_is_noticed() -> None:
    def writes(data: bytes) -> None:
        array = np.zeros(5, np.uint8)
        np.lib.stride_tricks.as_strided(array, (6,), (1,))[5] = data[0]

    assert "beside an array of 5 bytes" in violation(Layer(list, writes), b"x")
    with guards() as own:
        assert np.zeros((2, 3)).sum() == 0
        assert (np.full(4, 7, np.uint8) == 7).all()
    assert own.count == 2
    assert np.zeros.__module__ != "tests.hostile.guards"


def test_another_exception_is_noticed() -> None:
    assert violation(Layer(list, lambda data: data[9]), b"x").startswith("IndexError")
    assert issubclass(GuardError, AssertionError)


def test_only_a_long_time_has_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [f"3.0{layers.TOO_LONG}", "", "IndexError: once", ""]
    monkeypatch.setattr(layers, "violation", lambda layer, data: answers.pop(0))
    layer = LAYERS["container"]
    assert lasting_violation(layer, b"") == ""
    assert lasting_violation(layer, b"") == "IndexError: once"
    assert answers == [""]
