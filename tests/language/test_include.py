"""`include`: what other files bring into a spec, where they may lie, and where what is wrong with them is told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcalc
from convcalc import bounds, shipped
from convcalc.cli.main import run
from convcalc.language.overrides import Overrides
from convcalc.problems import Problem
from convcalc.render.diagnostics import render_problems
from convcalc.targets.find import find
from convcalc.text.source import Source
from tests.helpers import assert_one_problem, line_of, marked
from tests.strategies.networks import Network, networks
from tests.workspace import Workspace, finished, python, write_files

Files = dict[str, str]


@pytest.fixture(autouse=True)
def folder(workspace: Workspace) -> Path:
    """The working directory of each test, with a directory above it that the test may write to."""
    here = workspace / "here"
    here.mkdir()
    workspace.enter("here")
    return here


def write(files: Files) -> None:
    write_files({name: dedent(text) for name, text in files.items()})


def lines(target: str = "net.yaml", **options: Any) -> list[str]:
    return [line_of(row) for row in convcalc.analyse(target, **options).rows]


def problems(target: str = "net.yaml", **options: Any) -> list[Problem]:
    with pytest.raises(convcalc.SpecError) as caught:
        convcalc.load(target, **options)
    return caught.value.problems


def diagnosed(target: str = "net.yaml") -> str:
    return render_problems(problems(target))


BLOCKS = """
    params: {width: 4, wide: =2 * width}
    blocks:
      unit:
        params: {out: =wide}
        layers:
          - conv2d: {name: conv, out_channels: =out, kernel_size: 3}
    """
UNIT = "input: [1, 8, 8]\nlayers: [unit: {name: u}]\n"

# --- What comes in. ---

MERGED: dict[str, tuple[Files, list[str]]] = {
    "blocks and params": (
        {"blocks.yaml": BLOCKS, "net.yaml": "include: blocks.yaml\n" + UNIT},
        ["u.conv <- input: 8x6x6, 80"],
    ),
    "the file's own param in place of the included": (
        {"blocks.yaml": BLOCKS, "net.yaml": "include: [blocks.yaml]\nparams: {width: 3}\n" + UNIT},
        ["u.conv <- input: 6x6x6, 60"],
    ),
    "a param that reads one of its own file": (
        {"blocks.yaml": BLOCKS, "net.yaml": "include: blocks.yaml\nparams: {base: 5, width: =base + 1}\n" + UNIT},
        ["u.conv <- input: 12x6x6, 120"],
    ),
    "a param that reads one of the included file": (
        {
            "blocks.yaml": BLOCKS,
            "net.yaml": "include: blocks.yaml\nparams: {most: =wide + 1}\n" + UNIT.replace("name: u", "out: =most"),
        },
        ["unit_1.conv <- input: 9x6x6, 90"],
    ),
    "a list in place of a list": (
        {
            "a.yaml": "params: {sizes: [1, 2, 3]}\n",
            "net.yaml": "include: a.yaml\nparams: {k: 7, sizes: [=k]}\ninput: [1, 8, 8]\n"
            "layers: [conv2d: {kernel_size: 1, out_channels: '=sum(sizes)'}]\n",
        },
        ["conv2d_1 <- input: 7x8x8, 14"],
    ),
    "a later file over an earlier one": (
        {
            "blocks.yaml": BLOCKS,
            "more.yaml": "params: {width: 1}\n",
            "net.yaml": "include: [blocks.yaml, more.yaml]\n" + UNIT,
        },
        ["u.conv <- input: 2x6x6, 20"],
    ),
    "a file that an included one includes": (
        {
            "lib/blocks.yaml": BLOCKS,
            "lib/more.yaml": "include: ./blocks.yaml\nparams: {width: 2}\n",
            "net.yaml": "include: lib/more.yaml\n" + UNIT,
        },
        ["u.conv <- input: 4x6x6, 40"],
    ),
    "a diamond": (
        {
            "base.yaml": BLOCKS,
            "a.yaml": "include: base.yaml\nparams: {width: 1}\nblocks: {a: {layers: [unit]}}\n",
            "b.yaml": "include: ../here/base.yaml\nblocks: {b: {layers: [unit]}}\n",
            "net.yaml": "include: [a.yaml, b.yaml, base.yaml]\ninput: [1, 8, 8]\nlayers: [a, b]\n",
        },
        ["a_1.unit_1.conv <- input: 2x6x6, 20", "b_1.unit_1.conv <- a_1.unit_1.conv: 2x4x4, 38"],
    ),
    "a block that uses the file's own": (
        {
            "outer.yaml": "blocks: {outer: {layers: [inner]}}\n",
            "net.yaml": "include: outer.yaml\ninput: [2]\nblocks: {inner: {layers: [relu]}}\nlayers: [outer]\n",
        },
        ["outer_1.inner_1.relu_1 <- input: 2, 0"],
    ),
    "custom types": (
        {
            "types.yaml": "params: {k: 3}\ncustom: {scale: {parameters: =k * in_features}}\n",
            "net.yaml": "include: types.yaml\ninput: [2]\nlayers: [scale]\n",
        },
        ["scale_1 <- input: 2, 6"],
    ),
    "an alias in the included file": (
        {
            "blocks.yaml": "params: {a: &a [1, 2], b: *a}\n"
            "blocks: {u: {layers: [linear: {out_features: '=sum(b)'}]}}\n",
            "net.yaml": "include: blocks.yaml\ninput: [1]\nlayers: [u]\n",
        },
        ["u_1.linear_1 <- input: 3, 6"],
    ),
    "nothing of a network but its blocks": (
        {
            "other.yaml": "input: [7]\nblocks: {b: {layers: [relu]}}\nlayers: [tanh]\noutputs: nope\n"
            "expect: {params: 5}\nvariants: {v: {}}\n",
            "net.yaml": "include: other.yaml\ninput: [2]\nlayers: [b]\n",
        },
        ["b_1.relu_1 <- input: 2, 0"],
    ),
    "a shipped spec": (
        {"net.yaml": "include: resnet\ninput: [64, 8, 8]\nlayers: [basic: {width: 64, name: b}]\n"},
        [
            "b.conv1 <- input: 64x8x8, 36864", "b.bn1 <- b.conv1: 64x8x8, 128", "b.relu_1 <- b.bn1: 64x8x8, 0",
            "b.conv2 <- b.relu_1: 64x8x8, 36864", "b.bn2 <- b.conv2: 64x8x8, 128",
            "b.residual_1 <- b.bn2 + input: 64x8x8, 0", "b.relu_2 <- b.residual_1: 64x8x8, 0",
        ],
    ),
    "nothing at all": ({"net.yaml": "include: []\ninput: [2]\nlayers: [relu]\n"}, ["relu_1 <- input: 2, 0"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MERGED)
def test_what_comes_in(name: str) -> None:
    files, rows = MERGED[name]
    write(files)
    assert lines() == rows


def test_settings_and_variants_change_an_included_param() -> None:
    write({"blocks.yaml": BLOCKS, "net.yaml": "include: blocks.yaml\nvariants: {v: {params: {width: 2}}}\n" + UNIT})
    assert lines(params={"width": 1}) == ["u.conv <- input: 2x6x6, 20"]
    assert lines("net.yaml@v") == ["u.conv <- input: 4x6x6, 40"]
    assert lines("net.yaml@v", params={"wide": 1}) == ["u.conv <- input: 1x6x6, 10"]


def without_places(report: convcalc.Report) -> dict[str, Any]:
    figures = report.to_dict()
    return {**figures, "target": "", "layers": [{**row, "line": 0} for row in figures["layers"]]}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks(rank=1).filter(lambda network: bool(network.expansion.blocks)), st.data())
def test_a_spec_in_several_files_has_the_same_report(network: Network, data: st.DataObject) -> None:
    spec = yaml.safe_load(network.text)
    blocks, files = spec.pop("blocks"), ["a.yaml", "sub/b.yaml"]
    owners = {name: data.draw(st.sampled_from([*files, "net.yaml"])) for name in blocks}
    parts = {file: {name: blocks[name] for name in blocks if owners[name] == file} for file in [*files, "net.yaml"]}
    write({file: json.dumps({"blocks": parts[file]}) for file in files})
    write({"net.yaml": json.dumps({"include": files, "blocks": parts["net.yaml"], **spec})})
    whole, split = convcalc.analyse(convcalc.loads(network.text)), convcalc.analyse("net.yaml")
    assert without_places(split) == without_places(whole)


# --- Where a file may lie. ---


def test_a_path_starts_from_the_file_that_says_it() -> None:
    write({"common/blocks.yaml": BLOCKS, "nets/net.yaml": "include: ../common/blocks.yaml\n" + UNIT})
    assert lines("nets/net.yaml") == ["u.conv <- input: 8x6x6, 80"]


def test_a_target_elsewhere_reads_its_own_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"nets/blocks.yaml": BLOCKS, "nets/net.yaml": "include: blocks.yaml\n" + UNIT})
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert lines("../nets/net.yaml") == lines(str(folder / "nets" / "net.yaml")) == ["u.conv <- input: 8x6x6, 80"]


def link(name: str, target: str | Path) -> str:
    Path(name).symlink_to(target)
    return name


OUTSIDE: dict[str, Callable[[Path], str]] = {
    "above": lambda outside: "../outside.yaml",
    "above, by way of a folder": lambda outside: "sub/../../outside.yaml",
    "absolute": str,
    "a linked file": lambda outside: link("linked.yaml", outside),
    "a linked folder": lambda outside: link("up", "..") + "/outside.yaml",
    "the system's": lambda outside: "../../../../../../../../etc/passwd",
    "a NUL in its name": lambda outside: "a\0.yaml",
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_path_leads_outside(name: str, folder: Path) -> None:
    outside = folder.parent / "outside.yaml"
    outside.write_text(dedent(BLOCKS))
    path = OUTSIDE[name](outside)
    write({"net.yaml": f"include: {json.dumps(path)}\n" + UNIT, "sub/x.yaml": ""})
    (problem,) = problems()
    assert (str(problem.where), problem.rule) == ("net.yaml:1:10", "include-outside")
    assert problem.help


def test_a_link_within_the_folder_is_the_file_that_it_leads_to() -> None:
    write({"lib/blocks.yaml": BLOCKS, "net.yaml": "include: [linked.yaml, lib/blocks.yaml]\n" + UNIT})
    link("linked.yaml", "lib/blocks.yaml")
    assert lines() == ["u.conv <- input: 8x6x6, 80"]


def test_a_neighbour_whose_folder_has_the_same_beginning_lies_outside(folder: Path) -> None:
    (folder.parent / "here2").mkdir()
    (folder.parent / "here2" / "x.yaml").write_text(dedent(BLOCKS))
    write({"net.yaml": "include: ../here2/x.yaml\n" + UNIT})
    assert [problem.rule for problem in problems()] == ["include-outside"]


def test_standard_input_reads_from_the_working_directory(workspace: Workspace) -> None:
    write({"blocks.yaml": BLOCKS})
    call = workspace.call("count", "-", data="include: ./blocks.yaml\n" + UNIT)
    assert call.code == 0
    assert "8x6x6" in call.out
    call = workspace.call("count", "-", data="include: ../blocks.yaml\n" + UNIT)
    assert call.code == 2
    assert "<stdin>:1:10: error[include-outside]" in call.err


def test_a_text_includes_shipped_specs_alone() -> None:
    write({"blocks.yaml": BLOCKS})
    text = "include: resnet\ninput: [64, 8, 8]\nlayers: [basic: {width: 64}]\n"
    assert convcalc.analyse(convcalc.loads(text)).totals.params == 2 * (36864 + 128)
    assert_one_problem("include: §blocks.yaml\n" + UNIT, "include-outside", "this text is not a file")


def test_a_text_that_is_called_like_a_file_reads_beside_it() -> None:
    write({"sub/blocks.yaml": BLOCKS, "sub/net.yaml": ""})
    graph = convcalc.loads("include: blocks.yaml\n" + UNIT, name="sub/net.yaml")
    assert [node.name for node in graph.nodes] == ["u.conv"]


def test_a_shipped_spec_reads_what_is_shipped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"specs/base.yaml": BLOCKS, "specs/good.yaml": "include: [base, ./base.yaml]\n" + UNIT,
           "specs/bad.yaml": "include: ../mine.yaml\n" + UNIT, "mine.yaml": BLOCKS,
           "net.yaml": "include: bad\n" + UNIT})  # fmt: skip
    monkeypatch.setattr(shipped, "directory", lambda: str(folder / "specs"))
    assert lines("good") == lines("specs/good.yaml") == ["u.conv <- input: 8x6x6, 80"]
    for target in ("bad", "specs/bad.yaml", "net.yaml"):
        (problem,) = problems(target)
        assert (str(problem.where), problem.rule) == ("specs/bad.yaml:1:10", "include-outside")
        assert problem.help == "a shipped spec can include only shipped specs"


class Memory:
    """Files that lie on no disk."""

    allowed = "a path leads to a file of the memory"

    def __init__(self, files: Files) -> None:
        self.files = files

    def find(self, path: str, beside: str) -> str | None:
        place = os.path.normpath(os.path.join(os.path.dirname(beside), path))
        return None if place.startswith("..") else place

    def read(self, place: str) -> Source:
        return Source(f"memory:{place}", dedent(self.files[place]), place)


def test_another_reader_takes_the_place_of_the_disk() -> None:
    source = Source("memory:a/net.yaml", "include: ../b/lib.yaml\n" + UNIT, "a/net.yaml")
    target = find("lenet")._replace(source=source)
    target.source.reader = Memory({"b/lib.yaml": "include: more.yaml\n", "b/more.yaml": BLOCKS})
    graph = convcalc.api.load_target(target, Overrides())
    assert [node.output_shape for node in graph.nodes] == [(8, 6, 6)]
    assert [source.name for source in graph.source.included] == ["memory:b/lib.yaml", "memory:b/more.yaml"]


# --- What is wrong. ---

# Files of which one has the mark § where the only problem stands, its rule, and a part of its message and help.
WRONG: dict[str, tuple[Files, str, str]] = {
    "no such shipped spec": ({"net.yaml": "include: §resnett\n" + UNIT}, "unknown-spec", "did you mean resnet"),
    "nothing like a shipped spec": ({"net.yaml": "include: [§qqq]\n" + UNIT}, "unknown-spec", "convcalc zoo"),
    "no such file": (
        {"lib/blocks.yaml": BLOCKS, "net.yaml": "include: [§lib/block.yaml]\n" + UNIT},
        "unreadable-file", "`lib/block.yaml` cannot be included: there is no such file|did you mean blocks.yaml?",
    ),
    "a shipped spec with an ending": (
        {"net.yaml": "include: §resnet.yaml\n" + UNIT}, "unreadable-file", "`resnet`, without the ending, is a",
    ),
    "a folder": ({"lib/a.yaml": "", "net.yaml": "include: §./lib\n" + UNIT}, "include-outside", "not a YAML file"),
    "a folder like a file": (
        {"lib.yaml/a.yaml": "", "net.yaml": "include: §./lib.yaml\n" + UNIT}, "unreadable-file", "a directory",
    ),
    "another ending": ({"a.txt": "", "net.yaml": "include: §./a.txt\n" + UNIT}, "include-outside", ".yaml or .yml"),
    "an empty file": ({"a.yaml": "", "net.yaml": "include: §a.yaml\n" + UNIT}, "unreadable-file", "the file is empty"),
    "a number": ({"net.yaml": "include: §3\n" + UNIT}, "wrong-type", "`include` must be the name"),
    "nothing": ({"net.yaml": "include:§ \n" + UNIT}, "wrong-type", "not nothing"),
    "an item that is a mapping": ({"net.yaml": "include: [resnet, §{a: b}]\n" + UNIT}, "wrong-type", "not a mapping"),
    "an expression": ({"net.yaml": "include: §=which\n" + UNIT}, "wrong-type", "not an expression"),
    "itself": (
        {"net.yaml": "include: §net.yaml\ninput: [1]\nlayers: [relu]\n"},
        "include-cycle", "the file includes itself: net.yaml -> net.yaml",
    ),
    "a longer way to itself": (
        {"net.yaml": "include: a.yaml\n" + UNIT, "a.yaml": "include: sub/b.yaml\n" + dedent(BLOCKS),
         "sub/b.yaml": "params: {}\ninclude: [§../a.yaml]\n"},
        "include-cycle", "the file includes itself: a.yaml -> sub/b.yaml -> a.yaml",
    ),
    "a block of two included files": (
        {"a.yaml": BLOCKS, "b.yaml": "blocks:\n  §unit: {layers: [relu]}\n",
         "net.yaml": "include: [a.yaml, b.yaml]\n" + UNIT},
        "taken-name", "`unit` is defined twice, here and at a.yaml:4",
    ),
    "a block of its own and an included one": (
        {"a.yaml": BLOCKS, "net.yaml": "include: a.yaml\nblocks: {§unit: {layers: [relu]}}\n" + UNIT},
        "taken-name", "`unit` is defined twice, here and at a.yaml:4",
    ),
    "a block and a custom type": (
        {"a.yaml": "custom: {§unit: {}}\n", "net.yaml": "include: a.yaml\nblocks: {unit: {layers: [relu]}}\n" + UNIT},
        "taken-name", "`unit` is defined twice, here and at net.yaml:2",
    ),
    "a mistyped key in an included file": (
        {"a.yaml": dedent(BLOCKS) + "§block: {}\n", "net.yaml": "include: a.yaml\n" + UNIT},
        "unknown-key", "did you mean blocks?",
    ),
    "an unknown type in an included block": (
        {"a.yaml": "blocks:\n  unit:\n    layers:\n      - §relux\n", "net.yaml": "include: a.yaml\n" + UNIT},
        "unknown-type", "relu",
    ),
    "bad YAML in an included file": (
        {"a.yaml": "blocks: {b: {layers: [relu]}}\nparams: {a: 1}\n§params: {}\n",
         "net.yaml": "include: a.yaml\n" + UNIT},
        "duplicate-key", "first on line 2",
    ),
    "an expression in an included param": (
        {"a.yaml": "# what is wrong\nparams: {width: §=nope, wide: =width}\n", "net.yaml": "include: a.yaml\n" +
         UNIT.replace("unit", "relu")},
        "bad-expression", "nope",
    ),
    "a param that reads a later one": (
        {"a.yaml": "params: {k: 1}\n", "net.yaml": "include: a.yaml\nparams: {a: §=b, b: =k}\n" + UNIT.replace(
            "unit", "relu")},
        "bad-expression", "'b' is not known",
    ),
    "params that read each other": (
        {"a.yaml": "params: {k: 1, m: §=k}\n", "net.yaml": "include: a.yaml\nparams: {k: =m}\n" + UNIT.replace(
            "unit", "relu")},
        "bad-expression", "'k' is not known",
    ),
    "a variant's param": (
        {"a.yaml": BLOCKS, "net.yaml": "include: a.yaml\nvariants: {v: {params: {§widht: 1}}}\n" + UNIT},
        "unknown-key", "did you mean width",
    ),
    "a formula of an included custom type": (
        {"a.yaml": "custom:\n  unit:\n    parameters: §=nope\n", "net.yaml": "include: a.yaml\n" + UNIT},
        "bad-expression", "nope",
    ),
    "an included library without layers of a network": (
        {"a.yaml": BLOCKS, "net.yaml": "§include: a.yaml\n"}, "library", "`include: FILE`",
    ),
    "a library by itself": ({"net.yaml": "§name: mine\nblocks: {b: {layers: [relu]}}\n"}, "library", "`input` and"),
    "a library of params": ({"net.yaml": "§params: {a: 1}\n"}, "library", "to be included"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_problem_stands_in_its_file(name: str) -> None:
    files, rule, texts = WRONG[name]
    (place,) = [f"{file}:{marked(dedent(text))[1]}" for file, text in files.items() if "§" in text]
    write({file: dedent(text).replace("§", "") for file, text in files.items()})
    received = problems()
    found = [f"{problem.where} {problem.rule}" for problem in received]
    assert found == [f"{place} {rule}"], render_problems(received)
    (problem,) = received
    assert problem.excerpt == Path(problem.where.file).read_text().splitlines()[problem.where.line - 1]
    assert all(text in problem.message + problem.help for text in texts.split("|")), render_problems(received)


def test_a_problem_of_an_included_block_names_both_files() -> None:
    write({
        "lib/blocks.yaml": "params: {k: 9}\nblocks:\n  deep:\n    layers:\n"
                           "      - conv2d: {name: c, out_channels: 1, kernel_size: =k}\n",
        "lib/more.yaml": "include: blocks.yaml\nblocks:\n  outer:\n    layers:\n    - relu\n    - deep: {name: d}\n",
        "net.yaml": "include: lib/more.yaml\ninput: [1, 8, 8]\nlayers:\n  - tanh\n  - outer: {name: a}\n",
    })  # fmt: skip
    place = "lib/blocks.yaml:5:57: error[kernel-larger-than-input] a.d.c (conv2d): "
    assert diagnosed().splitlines()[:5] == [
        place + "kernel_size 9 does not fit the 8x8 output of a.relu_1",
        "   5 |       - conv2d: {name: c, out_channels: 1, kernel_size: =k}",
        "     |                                                         ^^",
        "  note: in a (outer), line 5 of net.yaml",
        "  note: in a.d (deep), line 6 of lib/more.yaml",
    ]


def test_the_problems_of_all_files_come_in_one_run() -> None:
    write({
        "a.yaml": "params: {n: 1}\nblocks:\n  good: {layers: [relu]}\n  bad: {layers: [relu: {repeats: 2}]}\n",
        "b.yaml": "blocks: [\n",
        "net.yaml": """\
            include: [a.yaml, b.yaml, c.yaml]
            input: [1, 8, 8]
            params: {m: =from_b}
            variants: {v: {params: {of_b: 1}}}
            custom: {t: {parameters: =from_b}}
            layers:
              - good
              - t
              - block_of_b: {k: =m}
              - =type_of_b
              - conv2d: {out_channels: =from_b, kernel_size: 1}
              - conv2d: {out_channels: 1, kernel_size: 0}
            """,
    })  # fmt: skip
    assert [f"{problem.where} {problem.rule}" for problem in problems()] == [
        "net.yaml:1:27 unreadable-file", "net.yaml:12:44 wrong-value", "a.yaml:4:25 unknown-key",
        "b.yaml:1:9 yaml-syntax",
    ]  # fmt: skip
    assert {problem.rule for problem in problems("net.yaml", params={"of_b": 1})} >= {"yaml-syntax"}


def test_a_file_that_is_no_utf8_is_told_at_its_byte(folder: Path) -> None:
    (folder / "a.yaml").write_bytes(b"params:\n  a: \xe9\n")
    write({"net.yaml": "include: a.yaml\ninput: [1]\nlayers: [relu]\n"})
    assert [f"{problem.where} {problem.rule}" for problem in problems()] == ["a.yaml:2:6 encoding"]


def test_a_library_takes_no_second_message() -> None:
    write({"lib.yaml": BLOCKS.lstrip("\n")})
    assert diagnosed("lib.yaml") == dedent("""\
        lib.yaml:1:1: error[library] this is a library: a file to be included, without a network of its own
           1 | params: {width: 4, wide: =2 * width}
             | ^^^^^^
          help: a spec brings it in with `include: FILE`; a network has `input` and `layers`
        """)


@pytest.mark.parametrize(
    "text", ["input: [1]\nblocks: {b: {layers: [relu]}}\n", "name: x\n", "params: {}\nexpect: {}\n"]
)
def test_a_spec_that_forgot_its_layers_is_no_library(text: str) -> None:
    write({"net.yaml": text})
    assert "missing-key" in {problem.rule for problem in problems()}
    assert "library" not in {problem.rule for problem in problems()}


# --- Reports. ---


def test_the_line_of_a_row_is_one_of_the_target() -> None:
    write({
        "a.yaml": "\n\n\n\nblocks:\n  inner: {layers: [relu, tanh]}\n\n\n\n  back: {layers: [own]}\n",
        "net.yaml": "include: a.yaml\ninput: [1]\nblocks:\n  own: {layers: [sigmoid]}\n  outer:\n    layers:\n"
                    "      - inner\nlayers:\n  - outer\n  - inner\n  - back\n",
    })  # fmt: skip
    rows = convcalc.analyse("net.yaml").rows
    assert {row.name: row.line for row in rows} == {
        "outer_1.inner_1.relu_1": 7, "outer_1.inner_1.tanh_1": 7, "inner_1.relu_1": 10, "inner_1.tanh_1": 10,
        "back_1.own_1.sigmoid_1": 4,
    }  # fmt: skip


COMMANDS = [
    ["count"], ["count", "--format", "csv"], ["compare"], ["explain", "u.conv"], ["field", "u.conv"],
    ["sizes", "--range", "4:12"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_take_an_included_block_as_one_of_the_file(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write({"blocks.yaml": BLOCKS, "net.yaml": "include: blocks.yaml\n" + UNIT, "all.yaml": dedent(BLOCKS) + UNIT})
    shown = []
    for target in ("net.yaml", "all.yaml"):
        assert run([command[0], target, *command[1:]]) == 0
        shown.append(capsys.readouterr().out.replace(target, "SPEC"))
    assert shown[0] == shown[1]


# --- Bounds. ---


def test_a_file_that_includes_itself_ten_thousand_times() -> None:
    write({"net.yaml": f"include: [{'net.yaml, ' * 10_000}]\n" + UNIT})
    (problem,) = problems()
    assert problem.rule == "too-large"
    assert f"more than {bounds.MAX_INCLUDED_FILES} files" in problem.message


def test_a_chain_as_long_as_is_allowed_and_one_file_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_INCLUDED_FILES", 255)
    write({f"f{k}.yaml": f"include: f{k + 1}.yaml\nparams: {{p{k}: {k}}}\n" for k in range(255)})
    write({"f254.yaml": BLOCKS, "net.yaml": "include: f0.yaml\n" + UNIT})
    assert lines() == ["u.conv <- input: 8x6x6, 80"]
    assert len(convcalc.load("net.yaml").source.included) == 255
    monkeypatch.setattr(bounds, "MAX_INCLUDED_FILES", 254)
    (problem,) = problems()
    assert (str(problem.where), problem.rule) == ("f253.yaml:1:10", "too-large")


def test_the_bytes_of_all_files_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    padding = "name: " + "x" * 600 + "\n"
    write({"a.yaml": padding, "b.yaml": padding})
    write({"net.yaml": "include: [a.yaml, b.yaml]\ninput: [1]\nlayers: [relu]\n"})
    monkeypatch.setattr(bounds, "MAX_FILE_BYTES", 1000)
    assert [f"{problem.where} {problem.rule}" for problem in problems()] == ["net.yaml:1:19 too-large"]


def test_the_values_of_all_files_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    values = "params: {p: [" + "1, " * 600 + "1]}\n"
    write({"a.yaml": values, "b.yaml": values})
    write({"net.yaml": "include: [a.yaml, b.yaml]\ninput: [1]\nlayers: [relu]\n"})
    assert convcalc.load("net.yaml")
    monkeypatch.setattr(bounds, "MAX_YAML_VALUES", 1000)
    assert [(problem.where.file, problem.rule) for problem in problems()] == [("b.yaml", "too-large")]


def test_a_target_that_is_read_again_and_again_stays_as_it_is() -> None:
    write({"blocks.yaml": BLOCKS, "net.yaml": "include: blocks.yaml\n" + UNIT})
    target = find("net.yaml")
    for _ in range(300):
        graph = convcalc.api.load_target(target, Overrides())
    assert len(graph.source.included) == 1


def test_a_long_chain_of_params_takes_no_recursion() -> None:
    count = 5000
    chain = "".join(f"  p{k}: =p{k + 1}\n" for k in range(count))
    write({"a.yaml": "params: {p0: 1}\n", "net.yaml": f"include: a.yaml\ninput: [1]\nparams:\n{chain}  p{count}: 7\n"
           "layers: [linear: {out_features: =p0}]\n"})  # fmt: skip
    assert lines() == ["linear_1 <- input: 7, 14"]


def test_a_spec_without_include_loads_nothing_for_it() -> None:
    code = "import sys, convcalc; convcalc.analyse('lenet'); sys.exit('convcalc.language.include' in sys.modules)"
    assert finished(python(code)).returncode == 0
