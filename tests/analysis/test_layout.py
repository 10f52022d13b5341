"""Places of units in a tensor, where they are easy to see."""

from convcalc.analysis.layout import Digit, Layout, Regrouping, regrouped
from convcalc.analysis.passage import Passage
from convcalc.layers.base import Unordered
from tests.helpers import analysed, network


def test_axes_of_size_1_that_become_one_hold_one_unit() -> None:
    layout = Layout((Digit(1, 1, 1),))
    assert regrouped(layout, [Regrouping((1, 2), (1,))], {}, (4, 1, 1), (4, 1)) is None


def test_a_layer_moves_the_one_unit_of_axes_of_size_1() -> None:
    field = analysed(network("- relu: {name: it}", "[4, 1, 1]")).analysis.fields["input"][0]
    assert field is not None
    places, axes = Passage((None, Unordered((1, 2))), (4, 1, 1), (4, 1), None).move(field.places, field.axes)
    assert places == (None, None)
    assert [axis and axis.clipped(0) for axis in axes] == [(0, 0), (0, 0)]
