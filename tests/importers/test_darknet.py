"""Networks of darknet: one construct each, with shapes and parameters worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import convcalc
from convcalc.agreement import differences
from convcalc.importers.darknet.reader import read
from convcalc.importers.inputs import Given
from convcalc.importers.network import ForeignNetwork
from convcalc.importers.specs import spec_text

IMAGE = "[net]\nwidth=10\nheight=8\nchannels=4\n"


@pytest.fixture(name="network")
def _network(tmp_path: Path):  # type: ignore[no-untyped-def]
    def make(text: str, head: str = IMAGE) -> ForeignNetwork:
        file = tmp_path / "net.cfg"
        file.write_text(head + text, encoding="utf-8")
        return read(str(file), None)

    return make


def shapes(network: ForeignNetwork) -> list[tuple[int, ...]]:
    return [operation.output.shape for operation in network.operations]


# The layers, the shape of the output, the parameters.
CASES = [
    ("[convolutional]\nfilters=6\nsize=3\npad=1\npadding=9\nactivation=linear\n", (6, 8, 10), 6 * 4 * 9 + 6),
    ("[convolutional]\nfilters=6\nsize=3\npadding=2\nactivation=leaky\n", (6, 10, 12), 6 * 4 * 9 + 6),
    ("[convolutional]\nfilters=6\nsize=3\nstride=2\nbatch_normalize=1\n", (6, 3, 4), 6 * 4 * 9 + 12),
    ("[conv]\nfilters=8\nsize=3\nstride_x=2\nstride_y=1\ngroups=4\npad=1\n", (8, 8, 5), 8 * 9 + 8),
    ("[convolutional]\nfilters=2\nsize=3\npad=1\nstride=2\nantialiasing=1\n", (2, 4, 5), 2 * 4 * 9 + 2),
    ("[convolutional]\nfilters = 2 # two\nfilters=9\nsize=1\ndilation=3\n", (2, 8, 10), 2 * 4 + 2),
    ("[deconvolutional]\nfilters=2\nsize=2\nstride=2\n", (2, 16, 20), 2 * 4 * 4 + 2),
    ("[local]\nfilters=2\nsize=3\npad=1\n", (2, 8, 10), 80 * 2 * 4 * 9 + 160),
    ("[maxpool]\nsize=2\nstride=1\n", (4, 8, 10), 0),
    ("[maxpool]\nstride=2\n", (4, 4, 5), 0),
    ("[maxpool]\nsize=3\nstride=2\npadding=0\n", (4, 3, 4), 0),
    ("[maxpool]\nsize=3\nstride=3\npadding=4\n", (4, 4, 4), 0),
    ("[local_avgpool]\nsize=3\nstride=1\n", (4, 8, 10), 0),
    ("[avgpool]\n[softmax]\n", (4, 1, 1), 0),
    ("[softmax]\ngroups=2\n", (320,), 0),
    ("[connected]\noutput=5\nbatch_normalize=1\n[dropout]\n", (5,), 320 * 5 + 10),
    ("[connected]\noutput=5\n[convolutional]\nfilters=2\n", (2, 1, 1), 320 * 5 + 5 + 12),
    ("[reorg]\nstride=2\n", (16, 4, 5), 0),
    ("[reorg3d]\nstride=2\n", (16, 4, 5), 0),
    ("[reorg3d]\nstride=2\nreverse=1\n", (1, 16, 20), 0),
    ("[reorg]\nextra=3\n", (323,), 0),
    ("[upsample]\nstride=2\nscale=2\n", (4, 16, 20), 0),
    ("[upsample]\nstride=-2\n", (4, 4, 5), 0),
    ("[crop]\ncrop_height=6\ncrop_width=5\n", (4, 6, 5), 0),
    ("[batchnorm]\n[lrn]\n[activation]\nactivation=mish\n", (4, 8, 10), 8),
    ("[dropout]\n[dropout]\n[route]\nlayers=-1,0\ngroups=2\ngroup_id=1\n", (4, 8, 10), 0),
    ("[maxpool]\nsize=1\n[maxpool]\nstride=2\n[route]\nlayers=0,1\n", (4 * 80 + 4 * 20,), 0),
    ("[dropout]\n[dropout]\n[dropout]\n[shortcut]\nfrom=-2,0\nweights_type=per_channel\n", (4, 8, 10), 12),
    ("[dropout]\n[dropout]\n[shortcut]\nfrom=0\nweights_type=per_feature\nweights_normalization=relu\n", (4, 8, 10), 2),
    ("[dropout]\n[convolutional]\nfilters=6\n[shortcut]\nfrom=0\n", (6, 8, 10), 30),
    ("[dropout]\n[convolutional]\nfilters=3\nstride=2\n[shortcut]\nfrom=0\nactivation=relu\n", (3, 4, 5), 15),
    ("[dropout]\n[avgpool]\n[scale_channels]\nfrom=0\n", (4, 8, 10), 0),
    ("[dropout]\n[dropout]\n[sam]\nfrom=0\nactivation=logistic\n", (4, 8, 10), 0),
    ("[implicit]\nfilters=4\n[dropout]\n", (4, 1, 1), 4),
    ("[cost]\n[maxpool]\nstride=2\n[cost]\n", (4, 4, 5), 0),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "shape", "count"), CASES)
def test_a_layer_has_its_shape_and_parameters(network, layers, shape, count) -> None:  # type: ignore[no-untyped-def]
    found = network(layers)
    assert shapes(found)[-1] == shape
    assert found.params == count


@pytest.mark.parametrize("layers", [case[0] for case in CASES])
@pytest.mark.parametrize("flat", [True, False])
def test_the_spec_is_what_the_file_says(network, layers, flat) -> None:  # type: ignore[no-untyped-def]
    found = network(layers)
    assert differences(convcalc.loads(spec_text(found, flat=flat)), found) == []


def test_recurrent_layers_read_sequences(network) -> None:  # type: ignore[no-untyped-def]
    head = "[net]\ninputs=7\ntime_steps=5\n"
    found = network("[gru]\noutput=3\n[lstm]\noutput=2\n[connected]\noutput=4\nactivation=linear\n[softmax]\n", head)
    assert shapes(found) == [(5, 3), (5, 2), (5, 4), (5, 4)]
    assert found.params == (3 * (7 * 3 + 3 * 3) + 6 * 3) + (4 * (3 * 2 + 2 * 2) + 8 * 2) + (2 * 4 + 4)
    found = network("[rnn]\nhidden=6\noutput=3\n[crnn]\noutput=2\nhidden=4\nsize=1\nbatch_normalize=1\n", head)
    assert [operation.known for operation in found.operations] == [False, False]
    assert found.params == (7 * 6 + 6 + 6 * 6 + 6 + 6 * 3 + 3) + (3 * 4 + 4 * 4 + 4 * 2 + 2 * (4 + 4 + 2))


def test_a_shared_convolution_counts_once(network) -> None:  # type: ignore[no-untyped-def]
    conv = "[convolutional]\nfilters=4\nsize=3\npad=1\nbatch_normalize=1\nactivation=linear\n"
    found = network(conv + conv + "share_index=0\n" + conv + "share_index=-1\n")
    assert found.params == 4 * 4 * 9 + 8
    assert differences(convcalc.loads(spec_text(found)), found) == []


def test_detectors_are_outputs(network) -> None:  # type: ignore[no-untyped-def]
    found = network("[maxpool]\nstride=2\n[yolo]\n[route]\nlayers=0\n[maxpool]\nstride=2\n[yolo]\n")
    assert found.outputs == [operation.output.name for operation in found.operations]
    assert len(found.outputs) == 2
    assert "[yolo] layers" in found.remarks[0]


def test_layers_before_stopbackward_are_frozen(network) -> None:  # type: ignore[no-untyped-def]
    found = network("[conv]\n[conv]\nstopbackward=1\n[conv]\n")
    assert [tensor.trainable for tensor in found.own_tensors.values()] == [False] * 4 + [True] * 2


def test_a_given_input_replaces_the_one_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "net.cfg"
    file.write_text(IMAGE + "[maxpool]\nstride=2\n", encoding="utf-8")
    assert shapes(read(str(file), [Given((4, 20, 30))])) == [(4, 10, 15)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 0, "no section"),
        ("width=3\n", 1, "first section"),
        ("[convolutional]\n", 1, "first section"),
        ("[net]\nwidth=3\n[conv]\n", 1, "size of the input is missing"),
        (IMAGE, 1, "no layers"),
        (IMAGE + "[cost]\n", 1, "computes anything"),
        (IMAGE + "[what]\n", 5, "'what' is no layer"),
        (IMAGE + "[conv\n", 5, "no head of a section"),
        (IMAGE + "[conv]\nfilters=many\n", 6, "filters must be a whole number"),
        (IMAGE + "[conv]\nfilters=99999999999\n", 6, "filters must be a whole number"),
        (IMAGE + "[conv]\nfilters=0\n", 6, "filters must be a whole number from 1"),
        (IMAGE + "[conv]\nsize=30\n", 5, "does not fit"),
        (IMAGE + "[conv]\ngroups=3\n", 6, "groups 3 must divide"),
        (IMAGE + "[route]\nlayers=0\n", 6, "0 layers come before"),
        (IMAGE + "[shortcut]\n", 5, "must name the layer"),
        (IMAGE + "[upsample]\nstride=2000000000\n", 5, "sizes go up to"),
        (IMAGE + "[dropout]\nprobability=1e999\n", 6, "probability must be a number"),
    ],
)
def test_a_broken_file_is_an_error_at_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    file = tmp_path / "net.cfg"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(convcalc.SpecError) as caught:
        read(str(file), None)
    problem = caught.value.problems[0]
    assert problem.rule == "unreadable-file"
    assert problem.where.line == line
    assert message in problem.message
