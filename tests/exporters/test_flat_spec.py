"""A spec with every layer by itself is the same network; what only the file's own types say is an error."""

from __future__ import annotations

import pytest

from convcalc import api
from convcalc.errors import SpecError
from convcalc.exporters.export import export
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find

TARGETS = ["lenet", "resnet18", "googlenet", "hrnet", "siamese", "segnet", "bert", "stylegan2", "lenet5-1998", "unet"]


@pytest.mark.parametrize("target", TARGETS)
def test_the_text_is_the_same_network(target: str) -> None:
    again = api.analyse(api.loads(export(build_network(find(target), Overrides()), "spec")))
    report = api.analyse(target)
    assert [(row.type, row.output_shape, row.params) for row in again.rows] == [
        (row.type, row.output_shape, row.params) for row in report.rows
    ]
    assert (again.totals.params, again.totals.macs) == (report.totals.params, report.totals.macs)


def test_types_of_the_file_are_refused() -> None:
    with pytest.raises(SpecError, match="no types of its own"):
        export(build_network(find("pointnet"), Overrides()), "spec")
