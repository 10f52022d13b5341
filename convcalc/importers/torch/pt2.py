"""Reads `.pt2` files of `torch.export.save`: a zip archive that holds the graph as JSON. The weights are not read."""

from __future__ import annotations

from typing import Any

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.importers.inputs import GivenInputs
from convcalc.importers.network import ForeignNetwork, Tensor
from convcalc.importers.torch.archive import read_program, read_ties, unreadable
from convcalc.importers.torch.graph import Frame, Graph, Meta, Node, Ref
from convcalc.importers.torch.symbols import MAX_NUMBER, Sizes
from convcalc.importers.torch.translate import translate

# The numbers that the file has for the types of tensors.
DTYPES = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64",
    9: "complex32", 10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16", 28: "uint16",
}  # fmt: skip
# The kinds of arguments whose value needs no conversion.
PLAIN = (
    "as_int", "as_ints", "as_float", "as_floats", "as_bool", "as_bools", "as_string", "as_strings", "as_device",
    "as_scalar_type", "as_memory_format", "as_layout", "as_complex",
)  # fmt: skip
# What a graph that is not as torch writes it leads to: missing keys, other types, absurd sizes.
MALFORMED = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError, StopIteration,
             AssertionError)  # fmt: skip


def read(path: str, inputs: GivenInputs = None) -> ForeignNetwork:
    """The network of a `.pt2` file. `inputs` gives the sizes that the file leaves open."""
    try:
        return translate(_graph(path, inputs))
    except MALFORMED as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise unreadable(path, f"the graph in it is not as torch.export writes it ({reason})") from None


def _graph(path: str, inputs: GivenInputs) -> Graph:
    """The graph alone: the JSON that it comes from is let go, for it is large."""
    program = read_program(path)
    count = len(program["graph_module"]["graph"]["nodes"])
    if count > bounds.MAX_LAYERS:
        raise unreadable(path, f"the graph has {count:,} nodes", bounds.how_to_raise("MAX_LAYERS"))
    return _Reader(program, inputs, read_ties(path)).graph()


class _Reader:
    """The parts of one exported program."""

    def __init__(self, program: dict[str, Any], given: GivenInputs, ties: dict[str, str] | None) -> None:
        module = program["graph_module"]
        self.program = program
        self.source = module["graph"]
        self.signature = module["signature"]
        self.ties = ties
        self.users = [spec["user_input"]["arg"] for spec in self.signature["input_specs"] if "user_input" in spec]
        self.tensors = [arg["as_tensor"]["name"] for arg in self.users if "as_tensor" in arg]
        stated = {name: self.source["tensor_values"][name] for name in self.tensors}
        named = {
            name: value
            for kind in ("sym_int_values", "sym_float_values", "sym_bool_values")
            for name, value in (self.source.get(kind) or {}).items()
        }
        self.sizes = Sizes({name: value["sizes"] for name, value in stated.items()}, given, named)

    def graph(self) -> Graph:
        values = {
            name: Meta(self._shape(value["sizes"]), DTYPES.get(value["dtype"], "float32"))
            for name, value in self.source["tensor_values"].items()
        }
        graph = Graph(self._name(), self._format(), values)
        self._add_held(graph)
        graph.inputs = {name: name for name in self.tensors}
        for index, node in enumerate(self.source["nodes"]):
            self._add_node(graph, index, node)
        graph.outputs = [
            name for spec in self.signature["output_specs"] for name in _tensors(spec.get("user_output", {}))
        ]
        return graph

    def _shape(self, sizes: list[dict[str, Any]]) -> Shape:
        shape = tuple([self.sizes.number(size) for size in sizes])
        if not all(type(size) is int and 0 <= size <= MAX_NUMBER for size in shape):
            raise ValueError(f"a shape {shape!r}"[:100])
        return shape

    def _name(self) -> str:
        for node in self.source["nodes"]:
            stack = (node.get("metadata") or {}).get("nn_module_stack", "")
            if stack:
                return str(_frames(stack, with_root=True)[0].kind.rpartition(".")[2])
        return "network"

    def _format(self) -> str:
        version = self.program.get("torch_version") or ""
        return f"PyTorch export, torch {version.partition('+')[0]}" if version else "PyTorch export"

    def _add_held(self, graph: Graph) -> None:
        """The parameters, buffers and constants of the network. Those with one name are one tensor."""
        for spec in self.signature["input_specs"]:
            if "parameter" in spec:
                name, full = spec["parameter"]["arg"]["name"], spec["parameter"]["parameter_name"]
                trainable = bool(self.source["tensor_values"][name].get("requires_grad", True))
                full = (self.ties or {}).get(full, full)
                graph.parameters[name] = Tensor(full, graph.values[name].shape, trainable)
            elif "buffer" in spec:
                name, full = spec["buffer"]["arg"]["name"], spec["buffer"]["buffer_name"]
                graph.buffers[name] = Tensor(full, graph.values[name].shape, trainable=False)
            elif "tensor_constant" in spec:
                name, full = spec["tensor_constant"]["arg"]["name"], spec["tensor_constant"]["tensor_constant_name"]
                graph.constants[name] = Tensor(full, graph.values[name].shape, trainable=False)
        graph.knows_ties = self.ties is not None

    def _add_node(self, graph: Graph, index: int, source: dict[str, Any]) -> None:
        target = source["target"]
        arguments = {item["name"]: self._argument(item["arg"]) for item in source["inputs"]}
        outputs: list[str | None] = []
        for output in source["outputs"]:
            outputs += _tensors(output) or [None]
        if not any(outputs):  # sizes, and checks of them
            return
        frames = _frames((source.get("metadata") or {}).get("nn_module_stack", ""))
        operator = _operator(target)
        place = f"node {index} ({outputs[0]})"
        in_place = f".{operator}_." in target
        graph.nodes.append(Node(operator, arguments, outputs, frames, place, in_place))

    def _argument(self, argument: dict[str, Any]) -> Any:
        (kind, value), *_ = argument.items()
        if kind == "as_tensor":
            return Ref(value["name"])
        if kind in ("as_tensors", "as_nested_tensors"):
            return [Ref(item["name"]) for item in value]
        if kind == "as_optional_tensors":
            return [Ref(item["as_tensor"]["name"]) if "as_tensor" in item else None for item in value]
        if kind in ("as_sym_int", "as_sym_float", "as_sym_bool"):
            return self.sizes.number(value)
        if kind in ("as_sym_ints", "as_sym_floats", "as_sym_bools"):
            return [self.sizes.number(item) for item in value]
        return value if kind in PLAIN else None


def _operator(target: str) -> str:
    """`conv2d` of `torch.ops.aten.conv2d.default`; a function in place is the function."""
    parts = target.removeprefix("torch.ops.").split(".")
    name = parts[1] if target.startswith("torch.ops.") and len(parts) > 1 else parts[-1]
    return name.rstrip("_") if not name.startswith("__") else name


def _tensors(argument: Any) -> list[str]:
    """The names of the tensors of an output."""
    argument = argument.get("arg", argument)
    if "as_tensor" in argument:
        return [argument["as_tensor"]["name"]]
    return [item["name"] for item in argument.get("as_tensors", [])]


def _frames(stack: str, *, with_root: bool = False) -> tuple[Frame, ...]:
    """The modules of `KEY,PATH,CLASS;…`. The key of a later call ends in `@1`, `@2`."""
    frames = []
    for part in stack.split(";") if stack else []:
        key, path, kind = [*part.split(",", 2), "", ""][:3]
        call = key.rpartition("@")[2] if "@" in key else "0"
        path = path.partition("@")[0]
        if path or with_root:
            frames.append(Frame(path, kind, int(call) if call.isdigit() else 0))
    return tuple(frames)
