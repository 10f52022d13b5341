"""The input sizes that fit a network, as plain values: sets of sizes, and the size of each layer's map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from convcalc.analysis.input_axes import TOKENS, WITHOUT_POSITIONS, input_axes
from convcalc.analysis.size_formula import Axes, Formulas, SizeFormula, size_formulas
from convcalc.analysis.sizes import Fit, centres
from convcalc.arith.shape import Shape, spatial_names
from convcalc.errors import UsageError
from convcalc.network.graph import Graph, Node
from convcalc.problems import nearest
from convcalc.report.size_set import SizeSet


def varied_axes(graph: Graph, name: str | None) -> Axes:
    """The axes of each input that vary: the axis of this name; without a name all spatial axes, else the tokens.

    Raises UsageError where there is none.
    """
    names = {input: input_axes(graph, tensor) for tensor, input in enumerate(graph.inputs)}
    known = [axis for axes in names.values() for axis in axes if axis not in WITHOUT_POSITIONS]
    if not known:
        raise UsageError(
            f"the input of {graph.name or 'the network'} has no spatial axis",
            "sizes are tried along the axes after the channels, as in [channels, height, width]",
        )
    chosen = [name] if name is not None else [axis for axis in known if axis != TOKENS] or [TOKENS]
    if any(len(axes) == 2 for axes in names.values()):
        known += [*spatial_names(1), TOKENS]  # an axis of a matrix may have either name
    if chosen[0] not in known:
        listed = ", ".join(dict.fromkeys(known))
        raise UsageError(f"the input has no axis `{name}`", nearest(chosen[0], known) or f"its axes are {listed}")
    return {
        input: tuple(index for index in range(len(axes)) if not _names(axes, index).isdisjoint(chosen))
        if name is not None
        else tuple(index for index, axis in enumerate(axes) if axis in chosen)
        for input, axes in names.items()
    }


def _names(axes: tuple[str, ...], index: int) -> set[str]:
    """The names of an axis. In a matrix the first axis may also be called tokens, and the second length."""
    return {axes[index], (TOKENS, *spatial_names(1))[index]} if len(axes) == 2 else {axes[index]}


@dataclass(frozen=True, slots=True)
class MapSize:
    """The size of a layer's map, for an input of size n.

    `sizes` are the formulas of the axes that vary, or of all axes after the first where none varies. Equal formulas are
    given once; where one is not known, there are none. `own` are the sizes of those axes in the spec's own network.
    `drops_first` are the sizes at which this layer is the first that drops a row or column.
    """

    layer: str
    type: str
    sizes: tuple[SizeFormula, ...]
    own: Shape
    drops_first: SizeSet

    def to_dict(self) -> dict[str, Any]:
        return {
            "layer": self.layer,
            "type": self.type,
            "sizes": [str(formula) for formula in self.sizes],
            "own": list(self.own),
            "drops_first": self.drops_first.to_list(),
        }


class Sizes:
    """The sizes that fit a network, among those that were tried along `axes`.

    works             the network can be built
    keeps_parameters  its layers have as many parameters as in the spec's own network, so that trained weights fit
    drops_nothing     no convolution or pooling loses a row or column of its input, though it may lose padding
    strides_divide    they lose none of their padding either
    centred           maps are cropped (or padded to the size of another) evenly; None without such layers
    as_large          outputs as large as the input in the spec's own network stay as large; None without them
    fits              all of these but `strides_divide`
    """

    def __init__(self, graph: Graph, target: str, axes: Axes, tried: range, found: Iterable[Fit]) -> None:
        self.graph = graph
        self.target = target
        self.axes = axes
        self.tried = tried
        self._large_outputs = _large_outputs(graph, axes)
        formulas = size_formulas(graph, axes)
        self.found: list[Fit] = []
        for fit in found:
            for name in _wrong_formulas(formulas, fit):  # an expression of the spec may depend on the size
                formulas[name] = (None,) * len(formulas[name])
            self.found.append(fit)
        self.works = self.where(lambda fit: True)
        self.keeps_parameters = self.where(lambda fit: fit.resized is None)
        self.drops_nothing = self.where(lambda fit: fit.dropping is None)
        self.strides_divide = self.where(lambda fit: fit.uneven is None)
        self.centred = self.where(lambda fit: fit.off_centre is None) if any(map(centres, graph.nodes)) else None
        self.as_large = self.where(self._is_as_large) if self._large_outputs else None
        self.fits = self.where(self._fits)
        self.maps = self._maps(formulas)

    def _is_as_large(self, fit: Fit) -> bool:
        large = self._large_outputs
        return all(fit.shapes[name][axis] == fit.size for name, axes in large.items() for axis in axes)

    def _fits(self, fit: Fit) -> bool:
        return not (fit.resized or fit.dropping or fit.off_centre) and self._is_as_large(fit)

    def where(self, holds: Callable[[Fit], bool]) -> SizeSet:
        """The sizes that work and meet a condition."""
        return SizeSet([fit.size for fit in self.found if fit.problem is None and holds(fit)], self.tried)

    @property
    def own(self) -> int | None:
        """The size of the spec's own network; None where the axes that vary differ in it."""
        shapes = self.graph.inputs
        sizes = {shapes[name][axis] for name, axes in self.axes.items() for axis in axes}
        return sizes.pop() if len(sizes) == 1 else None

    @property
    def refused(self) -> Fit | None:
        """The greatest size that does not work, below the largest that works; if none works, the greatest size."""
        above = self.works.members[-1] if self.works else self.tried.stop
        return next((fit for fit in reversed(self.found) if fit.problem is not None and fit.size < above), None)

    @property
    def resized(self) -> str | None:
        """The first layer whose parameters depend on the size."""
        return next((fit.resized for fit in self.found if fit.resized is not None), None)

    def _maps(self, formulas: Mapping[str, Formulas]) -> list[MapSize]:
        """The layers that change the size, and those that drop cells; also the last map, if no other has its size."""
        # Tokens that are ids get an axis of features.
        rank = max(2, *(len(self.graph.inputs[name]) for name, axes in self.axes.items() if axes))
        nodes = [node for node in self.graph.nodes if len(node.output_shape) == rank]
        sizes = {name: _sizes_of(each) for name, each in formulas.items()}
        last = max((index for index, node in enumerate(nodes) if _varies(sizes[node.name])), default=len(nodes))
        droppers = {fit.dropping for fit in self.found}
        shown = {
            index
            for index, node in enumerate(nodes)
            if node.name in droppers
            # After the last size that varies, a new one is the same for all n.
            or (self._is_changed(node, sizes) and (_varies(sizes[node.name]) or index > last))
        }
        if last < len(nodes) and not any(index <= last for index in shown):
            shown.add(last)
        if nodes and not sizes[nodes[-1].name]:
            shown.add(len(nodes) - 1)
        return [self._map(nodes[index], formulas[nodes[index].name]) for index in sorted(shown)]

    def _is_changed(self, node: Node, sizes: Mapping[str, tuple[SizeFormula, ...]]) -> bool:
        """Whether the size of a node's map is known, and differs from the size of each of its inputs."""
        own = sizes[node.name]
        return bool(own) and own not in [sizes[self.graph.tensor_name(tensor)] for tensor in node.reads]

    def _map(self, node: Node, formulas: Formulas) -> MapSize:
        own = tuple(node.output_shape[axis] for axis in _shown_axes(formulas))
        drops_first = self.where(lambda fit: fit.dropping == node.name)
        return MapSize(node.name, node.layer.type.name, _sizes_of(formulas), own, drops_first)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values; a set is a list of its blocks."""
        graph, refused = self.graph, self.refused
        sets = ("works", "keeps_parameters", "drops_nothing", "strides_divide", "fits")
        return {
            "target": self.target,
            "name": graph.name,
            "variant": graph.variant,
            "inputs": {name: list(shape) for name, shape in graph.inputs.items()},
            **graph.changed,
            "axes": {name: list(axes) for name, axes in self.axes.items()},
            "tried": [self.tried.start, self.tried.stop - 1],
            "smallest": self.works.members[0] if self.works else None,
            "works_from": self.works.from_here_on,
            **{name: getattr(self, name).to_list() for name in sets},
            "centred": None if self.centred is None else self.centred.to_list(),
            "as_large": None if self.as_large is None else self.as_large.to_list(),
            "refused": refused and {"size": refused.size, **_problem_fields(refused)},
            "resized": self.resized,
            "maps": [each.to_dict() for each in self.maps],
        }

    def records(self) -> Iterator[dict[str, Any]]:
        """One size after the other: whether it works and fits, and the first layers with a problem."""
        for fit in self.found:
            works = fit.problem is None
            yield {
                "size": fit.size,
                "works": works,
                "fits": works and self._fits(fit),
                "resized": fit.resized,
                "dropping": fit.dropping,
                "uneven": fit.uneven,
                "off_centre": fit.off_centre,
                **_problem_fields(fit),
            }


def _large_outputs(graph: Graph, axes: Axes) -> dict[str, tuple[int, ...]]:
    """The outputs that are as large as the input in the spec's own network, and the axes along which they are.

    None for networks with several inputs that vary, and for sequences of tokens.
    """
    varied = [(graph.inputs[name], along) for name, along in axes.items() if along]
    if len(varied) != 1 or 0 in varied[0][1]:
        return {}
    shape, along = varied[0]
    found = {}
    for tensor in graph.outputs.values():
        output = graph.shape(tensor)
        is_layer = tensor >= len(graph.inputs)
        if is_layer and len(output) == len(shape) and all(output[axis] == shape[axis] for axis in along):
            found[graph.tensor_name(tensor)] = along
    return found


def _problem_fields(fit: Fit) -> dict[str, str | None]:
    problem = fit.problem
    return {"at": problem.subject if problem else None, "problem": problem.message if problem else None}


def _wrong_formulas(formulas: Mapping[str, Formulas], fit: Fit) -> list[str]:
    """The layers whose formulas give another size than the network has."""
    return [
        name
        for name, shape in fit.shapes.items()
        if name in formulas
        and any(formula is not None and formula(fit.size) != size for formula, size in zip(formulas[name], shape))
    ]


def _shown_axes(formulas: Formulas) -> list[int]:
    """The axes that vary, or all after the first where none does or one is not known."""
    if None in formulas:
        return list(range(1, len(formulas)))
    varying = [axis for axis, formula in enumerate(formulas) if formula is not None and not formula.is_constant]
    return varying or list(range(1, len(formulas)))


def _sizes_of(formulas: Formulas) -> tuple[SizeFormula, ...]:
    if None in formulas:
        return ()
    sizes = [formula for axis in _shown_axes(formulas) if (formula := formulas[axis]) is not None]
    return tuple(sizes[:1] if len(set(sizes)) == 1 else sizes)


def _varies(formulas: tuple[SizeFormula, ...]) -> bool:
    return any(not formula.is_constant for formula in formulas)
