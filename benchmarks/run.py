"""Measures start-up, speed and memory of an installed convcalc; prints one table.

It measures the processor time of whole processes, in pairs of runs by turns (A B A B) after a warm-up, and takes the
median of their ratios. A ratio to a process that only imports the same libraries is valid on any machine, a time not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import explore
import generate
import peers
import sweep
from measure import MIB, Cost, Figure, cost, has, install

IMPORTS_TABLE = "import click, yaml, rich.console, rich.table"
IMPORTS_JSON = "import click, yaml"
LOAD_YAML = "import sys, yaml; yaml.load(open(sys.argv[1], encoding='utf-8').read(), Loader=yaml.CSafeLoader)"
LOAD_ONNX = "import sys, onnx; onnx.load(sys.argv[1], load_external_data=False)"
HERE = Path(__file__).resolve().parent
Command = Sequence[str | Path]


class Bench:
    """The commands of one environment, the generated inputs, and the number of runs."""

    def __init__(self, python: Path, inputs: Path, repeats: int) -> None:
        self.python = python
        self.convcalc = python.parent / "convcalc"
        self.inputs = inputs
        self.repeats = repeats

    def chain(self, layers: int, channels: int = generate.CHANNELS) -> Path:
        return generate.write(self.inputs / f"chain-{layers}-{channels}.yaml", generate.chain(layers, channels))

    def branching(self, layers: int) -> Path:
        return generate.write(self.inputs / f"branching-{layers}.yaml", generate.branching(layers))

    def upsampling(self, layers: int) -> Path:
        return generate.write(self.inputs / f"upsampling-{layers}.yaml", generate.upsampling(layers))

    def count(self, file: str | Path, *options: str) -> Command:
        return [self.convcalc, "count", file, *options]

    def specs(self, count: int) -> Path:
        """A directory with the first `count` specs of `mutate.py`."""
        folder = self.inputs / f"specs-{count}"
        if not folder.exists():
            subprocess.run([self.python, HERE / "mutate.py", folder, str(count)], check=True)
        return folder

    def code(self, text: str, *arguments: str | Path) -> Command:
        return [self.python, "-c", text, *arguments]

    def pairs(self, name: str, ours: Command, other: Command, goal: float | None, *, terminal: bool = False) -> Figure:
        """Ratios of processor time, ours to the other's."""
        ratios: list[float] = []
        for turn in range(self.repeats + 1):
            mine = cost(ours, terminal=terminal)
            theirs = cost(other, terminal=terminal)
            if turn:
                ratios.append(mine.cpu / theirs.cpu)
        return Figure(name, "x", ratios, goal)

    def runs(self, command: Command) -> list[Cost]:
        """Three runs of a long command, after a warm-up that leaves the file in the cache."""
        return [cost(command) for _ in range(4)][1:]

    def per_layer(self, name: str, file: Path, layers: int, *options: str) -> tuple[Figure, list[Cost]]:
        """Microseconds for each layer, without the time of the command on a network of twelve layers."""
        start = median(run.cpu for run in self.runs(self.count("specs/lenet.yaml", *options)))
        runs = self.runs(self.count(file, *options))
        return Figure(name, "us/layer", [(run.cpu - start) / layers * 1e6 for run in runs]), runs


def start_up(bench: Bench) -> list[Figure]:
    """A small network, compared with the import of the libraries. On a terminal `count` checks a changed file."""
    table = bench.count("specs/lenet.yaml")
    changed = bench.inputs / "changed.yaml"
    text = (HERE.parent / "specs/lenet.yaml").read_text(encoding="utf-8")
    changed.write_text(text + "# changed\n", encoding="utf-8")
    libraries = bench.code(IMPORTS_TABLE)
    as_json = bench.count("specs/lenet.yaml", "--format", "json")
    return [
        bench.pairs("LeNet, table into a pipe / click + yaml + rich", table, libraries, 1.3),
        bench.pairs("LeNet, table on a terminal / click + yaml + rich", table, libraries, 1.3, terminal=True),
        bench.pairs(
            "changed LeNet, on a terminal / click + yaml + rich", bench.count(changed), libraries, None, terminal=True
        ),
        bench.pairs("LeNet, JSON / click + yaml", as_json, bench.code(IMPORTS_JSON), 1.25),
    ]


def long_chain(bench: Bench) -> list[Figure]:
    """20,000 convolutions, compared with only reading the same file."""
    figures = []
    chains = ((generate.CHANNELS, "500", 0.6), (1021, "8,000", None), (10**9 + 7, "all", None))
    for channels, different, goal in chains:
        file = bench.chain(20_000, channels)
        ours = bench.count(file, "--format", "json")
        name = f"20,000 convolutions, {different} different, JSON / yaml.load"
        figures.append(bench.pairs(name, ours, bench.code(LOAD_YAML, file), goal))
    return figures


def growth(bench: Bench) -> list[Figure]:
    """The time for each layer in longer and longer chains, and the peak of memory."""
    figures = []
    for layers in (10_000, 30_000, 100_000):
        file = bench.chain(layers)
        figure, runs = bench.per_layer(f"chain of {layers:,}, JSON", file, layers, "--format", "json")
        figures.append(figure)
    figures.append(Figure("chain of 100,000, JSON, peak memory", "MiB", [run.peak / MIB for run in runs], 200))
    return figures


def other_shapes(bench: Bench) -> list[Figure]:
    """The plain table of many rows, and branches with receptive fields to merge, also irregular ones."""
    figures = [bench.per_layer("chain of 10,000, table into a pipe", bench.chain(10_000), 10_000)[0]]
    runs = bench.runs(bench.count(bench.upsampling(390)))
    figures.append(Figure("bilinear up-sampling, 390 layers, table", "ms", [run.cpu * 1000 for run in runs], 300))
    for layers in (10_000, 30_000, 100_000):
        file = bench.branching(layers)
        figure, runs = bench.per_layer(f"branching, {layers:,}, JSON", file, layers, "--format", "json")
        figures.append(figure)
    figures.append(Figure("branching, 100,000, JSON, peak memory", "MiB", [run.peak / MIB for run in runs], 200))
    return figures


def large_networks(bench: Bench) -> list[Figure]:
    """The largest shipped networks, compared with a small one."""
    lenet = bench.count("lenet")
    return [
        bench.pairs(f"{name}, table into a pipe / LeNet", bench.count(name), lenet, 3)
        for name in ("efficientnet_v2_l", "densenet201", "regnet_y_128gf")
    ]


def pages(bench: Bench) -> list[Figure]:
    """The page of a network, compared with its table as HTML."""
    page: Command = [bench.convcalc, "report", "resnet50"]
    return [bench.pairs("ResNet-50, page / table as HTML", page, bench.count("resnet50", "--format", "html"), 3)]


def many_files(bench: Bench) -> list[Figure]:
    """`check` on many specs, in one process and in as many as it chooses, compared with building the same networks.

    Three turns without a warm-up: the runs are long.
    """
    figures = []
    folder = bench.specs(1000)
    engine: Command = [bench.python, HERE / "engine.py", folder]
    check: list[str | Path] = [bench.convcalc, "check", folder]
    jobs = {"1 process": ["--jobs", "1"], "processes as it chooses": []}
    turns = [
        (cost(engine), {name: cost([*check, *options], codes=(0, 1)) for name, options in jobs.items()})
        for _ in range(3)
    ]
    for name in jobs:
        runs = [(mine[name], building) for building, mine in turns]
        ratios = [mine.cpu / building.cpu for mine, building in runs]
        figures.append(Figure(f"check of 1,000 files, {name} / building them", "x", ratios, 1.5))
        figures.append(Figure(f"check of 1,000 files, {name}", "files/s", [1000 / mine.elapsed for mine, _ in runs]))
    peaks = [run["1 process"].peak / MIB for _, run in turns]
    memory: list[Figure] = []
    for count in (100, 300):
        command: Command = [bench.convcalc, "check", bench.specs(count), "--jobs", "1"]
        few = [cost(command, codes=(0, 1)).peak / MIB for _ in range(3)]
        memory.append(Figure(f"check of {count} files, peak memory", "MiB", few))
    # The first hundred are the shipped specs, with the largest networks: ten times as many files need little more.
    memory.append(Figure("check of 1,000 files, peak memory", "MiB", peaks, memory[0].median * 1.5))
    figures += memory
    return figures


def foreign(bench: Bench) -> list[Figure]:
    """ResNet-50 in files of other formats with weights of 102 MB, compared with the shipped spec of it."""
    folder = bench.inputs / "resnet50"
    if not folder.exists():
        subprocess.run([bench.python, HERE / "resnet_files.py", folder], check=True)
    figures = []
    spec = bench.count("resnet50")
    peak = median(run.peak for run in bench.runs(spec))
    for ending in ("onnx", "pt2", "keras"):
        file = bench.count(folder / f"resnet50.{ending}")
        figures.append(bench.pairs(f"ResNet-50 from .{ending} / from the spec", file, spec, 2))
        more = [(run.peak - peak) / MIB for run in bench.runs(file)]
        figures.append(Figure(f"ResNet-50 from .{ending}, more memory", "MiB", more, 40))
    if not has(bench.python, "onnx"):
        return figures
    load = bench.code(LOAD_ONNX, folder / "resnet50.onnx")
    more = [(run.peak - peak) / MIB for run in bench.runs(load)]
    return [
        *figures, bench.pairs("onnx.load / ResNet-50 from the spec", load, spec, None),
        Figure("onnx.load, more memory", "MiB", more),
    ]  # fmt: skip


def sweeps(bench: Bench) -> list[Figure]:
    """Many networks from one spec: candidates a second, overhead, and memory."""
    return sweep.sweep(bench.python)


def other_tools(bench: Bench) -> list[Figure]:
    """What people use for the same, where it is installed."""
    return peers.peers(bench.python, bench.inputs, bench.pairs)


GROUPS = {
    "start": start_up, "large": large_networks, "page": pages, "chain": long_chain, "growth": growth,
    "shapes": other_shapes, "check": many_files, "screen": explore.screen, "foreign": foreign, "sweep": sweeps,
    "peers": other_tools,
}  # fmt: skip


def table(figures: list[Figure]) -> str:
    """The figures as aligned text."""
    rows = [("figure", "median", "min", "max", "unit", "goal", "ok")]
    for figure in figures:
        numbers = [f"{value:.2f}" for value in (figure.median, min(figure.runs), max(figure.runs))]
        goal = "" if figure.goal is None else f"{figure.goal:g}"
        verdict = {None: "", True: "yes", False: "NO"}[figure.ok]
        rows.append((figure.name, numbers[0], numbers[1], numbers[2], figure.unit, goal, verdict))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure an installed convcalc.")
    parser.add_argument("--python", type=Path, help="the python of an environment that has it; by default one is made")
    parser.add_argument("--repeats", type=int, default=15, help="pairs of runs (default 15)")
    parser.add_argument("--only", choices=list(GROUPS), action="append", help="measure only this group of figures")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        python = given.python.absolute() if given.python else install(Path(folder, "venv"))
        bench = Bench(python, Path(folder), given.repeats)
        figures = [figure for name in given.only or GROUPS for figure in GROUPS[name](bench)]
    print(json.dumps([figure.as_json() for figure in figures], indent=2) if given.json else table(figures))


if __name__ == "__main__":
    main()
