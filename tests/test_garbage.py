"""When garbage is collected."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from convcalc.garbage import IDLE_OBJECTS, collect_when_idle, paused


class Ring:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _switched_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_much_young_garbage_is_collected_when_idle() -> None:
    ring = weakref.ref(Ring())
    others = [[number] for number in range(IDLE_OBJECTS + 1)]
    collect_when_idle()
    assert ring() is None
    assert len(others) == IDLE_OBJECTS + 1


def test_a_few_objects_are_left_for_later() -> None:
    ring = weakref.ref(Ring())
    collect_when_idle()
    assert ring() is not None


def test_the_collector_is_as_it_was_after_a_pause() -> None:
    with paused():
        assert not gc.isenabled()
    assert not gc.isenabled()
    gc.enable()
    with paused():
        assert not gc.isenabled()
    assert gc.isenabled()
