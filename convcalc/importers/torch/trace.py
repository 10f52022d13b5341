"""Traces a module of PyTorch, in the interpreter that holds torch and the user's code.

    python trace.py REQUEST.json ANSWER.json

The request names the object and its inputs; the answer holds the calls in the order in which the module made them.
It is one file, more than 250 lines, and imports the standard library alone: convcalc is not there. Python 3.8 and
torch 1.13 suffice.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import itertools
import json
import os
import sys
import traceback
from typing import Any

MAX_INPUTS_TRIED = 3  # with that many inputs of unknown type every combination is tried
MAX_DEPTH = 50  # of lists and dictionaries that a module returns
# Functions whose number of results depends on the values of their input.
DATA_DEPENDENT = frozenset((
    "nonzero", "argwhere", "masked_select", "unique", "unique_consecutive", "nms", "batched_nms", "bincount",
    "_unique2", "nonzero_numpy",
))  # fmt: skip
# Functions that give their input itself outside of training.
DROPOUTS = frozenset(("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"))
# Methods that take sizes or axes as so many arguments.
MANY_INTEGERS = frozenset((
    "view", "reshape", "permute", "expand", "repeat", "flip", "tile", "new_zeros", "new_ones", "new_empty", "squeeze",
    "sum", "mean", "amax", "amin",
))  # fmt: skip


class Stop(BaseException):
    """The trace ends here: what follows depends on values."""


class Failure(Exception):
    """What went wrong, for the user: `stage` is import, building or forward."""

    def __init__(self, stage: str, error: BaseException) -> None:
        super().__init__(str(error))
        self.stage = stage
        self.error = error


def main(arguments: list[str]) -> None:
    """Read the request, trace, and write the answer. A process that the user's code has forked writes nothing."""
    owner = os.getpid()
    sys.path[0] = os.getcwd()  # as `python -m` has it, in place of the folder of this file
    with open(arguments[0], encoding="utf-8") as file:
        request = json.load(file)
    try:
        answer = answer_to(request)
    except Failure as failure:
        answer = {"error": described(failure.error), "stage": failure.stage}
    if os.getpid() != owner:
        os._exit(0)
    with open(arguments[1] + ".part", "w", encoding="utf-8") as file:
        json.dump(answer, file)
    os.replace(arguments[1] + ".part", arguments[1])
    sys.stdout.flush()
    os._exit(0)  # not waiting for threads of the user's code


def answer_to(request: dict[str, Any]) -> dict[str, Any]:
    """The trace that a request asks for: on the meta device, else there after building on the CPU, else on the CPU."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise Failure("torch", error) from None
    failures = []
    best: dict[str, Any] | None = None
    for build_on, run_on in (("meta", "meta"), ("cpu", "meta"), ("cpu", "cpu")):
        try:
            module = built(request, build_on)
            if build_on != run_on:
                module = module.to(run_on)
        except Failure as failure:
            failures.append(failure)
            if failure.stage == "import":
                raise
            continue
        except Exception as error:
            failures.append(Failure("building", error))
            continue
        answer, stop = trace_with_types(module, request["inputs"], run_on)
        if stop is None:
            return answer
        failures.append(stop)
        if best is None or len(answer["nodes"]) > len(best["nodes"]):
            best = answer
    if best is not None and len(best["nodes"]) > 1 and best["stopped"]:
        return best
    raise next((failure for failure in failures[::-1] if failure.stage == "forward"), failures[-1])


def trace_with_types(module: Any, inputs: Any, device: str) -> tuple[dict[str, Any], Failure | None]:
    """The trace with floats, then with whole numbers where that fails; and why it is not complete."""
    best: tuple[dict[str, Any], Failure | None] | None = None
    items = list(inputs.items()) if isinstance(inputs, dict) else [(None, each) for each in inputs]
    for types in types_to_try([each[1] for _, each in items]):
        given = [(name, each[0], type) for (name, each), type in zip(items, types)]
        answer, failure = trace_module(module, given, device)
        if failure is None:
            return answer, None
        if best is None or len(answer["nodes"]) > len(best[0]["nodes"]):
            best = answer, failure
    assert best is not None
    return best


def types_to_try(given: list[str | None]) -> list[tuple[str, ...]]:
    """The types of the inputs: those that are given, and for the others float first, then int64."""
    if given.count(None) > MAX_INPUTS_TRIED:
        return [tuple(each or type for each in given) for type in ("float32", "int64")]
    return list(itertools.product(*[(each,) if each else ("float32", "int64") for each in given]))


def built(request: dict[str, Any], device: str) -> Any:
    """The module that the request names, in inference mode."""
    import torch

    found = imported(request)
    try:
        if isinstance(found, torch.nn.Module):
            if request["arguments"] is not None:
                raise TypeError("a module cannot be built with arguments: it is there already")
            if device == "meta":
                raise RuntimeError("the module is there already")
            module = found
        elif not callable(found):
            raise TypeError(f"{request['name']} is {type(found).__name__}, and no module, class or function")
        elif device == "meta":
            with torch.device("meta"):
                module = called(found, request["arguments"])
        else:
            module = called(found, request["arguments"])
        if not isinstance(module, torch.nn.Module):
            raise TypeError(f"{request['name']} gives {type(module).__name__}, and no torch.nn.Module")
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise Failure("building", error) from None
    return module.eval()


def imported(request: dict[str, Any]) -> Any:
    """The object of that name, of a module by its dotted name or by the path of its file."""
    name = request["module"]
    try:
        if name.endswith(".py"):
            folder = os.path.dirname(os.path.abspath(name))
            if folder not in sys.path:
                sys.path.insert(0, folder)
            stem = os.path.splitext(os.path.basename(name))[0]
            if stem not in sys.modules:
                spec = importlib.util.spec_from_file_location(stem, name)
                if spec is None or spec.loader is None or not os.path.isfile(name):
                    raise ModuleNotFoundError(f"there is no file {name}")
                loaded = importlib.util.module_from_spec(spec)
                sys.modules[stem] = loaded
                spec.loader.exec_module(loaded)
            found = sys.modules[stem]
        else:
            found = importlib.import_module(name)
        for part in request["name"].split("."):
            found = getattr(found, part)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise Failure("import", error) from None
    return found


def called(function: Any, arguments: str | None) -> Any:
    """The call with the literals that the user gave."""
    if not arguments:
        return function()
    call = ast.parse(f"f({arguments})", mode="eval").body
    assert isinstance(call, ast.Call)
    positional = [ast.literal_eval(each) for each in call.args]
    return function(*positional, **{each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg})


def described(error: BaseException) -> dict[str, Any]:
    """An error in words, and the last line of the user's code on its way."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if os.path.abspath(frame.filename) != os.path.abspath(__file__)]
    user = [frame for frame in own if f"{os.sep}torch{os.sep}" not in frame.filename] or own
    where = f"{user[-1].filename}:{user[-1].lineno}" if user else ""
    return {"type": type(error).__name__, "message": str(error)[:2000], "where": where}


def trace_module(
    module: Any, inputs: list[tuple[str | None, list[int], str]], device: str
) -> tuple[dict[str, Any], Failure | None]:
    """The calls of one forward pass with a batch of one; and why it is not complete, where it is not.

    `inputs` are names (None: in order), shapes without the batch axis, and types.
    """
    import torch

    tensors = [torch.zeros([1, *shape], dtype=getattr(torch, type), device=device) for _, shape, type in inputs]
    positional = [tensor for (name, _, _), tensor in zip(inputs, tensors) if name is None]
    named = {name: tensor for (name, _, _), tensor in zip(inputs, tensors) if name is not None}
    recorder = Recorder(module)
    recorder.take_inputs(input_names(module, len(positional)) + list(named), tensors)
    failure = None
    result = None
    try:
        with torch.no_grad(), Recording(recorder):
            result = module(*positional, **named)
    except Stop as stop:
        failure = Failure("forward", stop)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        failure = Failure("forward", error)
    return recorder.answer(result, failure), failure


def input_names(module: Any, count: int) -> list[str]:
    """The names of the first parameters of `forward`."""
    try:
        parameters = list(inspect.signature(module.forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return (names + [f"input{number + 1}" for number in range(len(names), count)])[:count]


class Recorder:
    """What is known of the tensors, and the calls so far."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.names: dict[int, str] = {}  # of tensors, by their id
        self.kept: list[Any] = []  # so that no id is used again
        self.values: dict[str, list[Any]] = {}
        self.nodes: list[list[Any]] = []
        self.stacks: dict[tuple[Any, ...], int] = {}
        self.frames: list[tuple[str, str, int]] = []
        self.calls: dict[int, int] = {}
        self.counts: dict[str, int] = {}
        self.live: set[str] = set()
        self.stopped_in = ""
        self.inputs: dict[str, str] = {}
        self.held: dict[str, dict[str, list[Any]]] = {"parameters": {}, "buffers": {}, "constants": {}}
        self.paths: dict[int, str] = {}
        for path, each in named(module, "modules"):
            self.paths.setdefault(id(each), path)
        for kind in ("parameters", "buffers"):
            self._take(kind, named(module, kind))

    def _take(self, kind: str, tensors: list[tuple[str, Any]]) -> None:
        """Learn the tensors of the module; one with two names has the first."""
        for full, tensor in tensors:
            if id(tensor) in self.names or not hasattr(tensor, "shape"):
                continue
            name = self.name(tensor, full)
            shape = self.values[name][0]
            self.held[kind][name] = [full, shape, bool(tensor.requires_grad)]

    def take_inputs(self, names: list[str], tensors: list[Any]) -> None:
        for name, tensor in zip(names, tensors):
            value = self.name(tensor, name)
            self.inputs[name] = value
            self.live.add(value)

    def name(self, tensor: Any, stem: str) -> str:
        """A new name for a tensor, also for one that was changed in place."""
        count = self.counts.get(stem, 0)
        self.counts[stem] = count + 1
        name = f"{stem}_{count}" if count else stem
        while name in self.values:
            count += 1
            self.counts[stem] = count + 1
            name = f"{stem}_{count}"
        self.names[id(tensor)] = name
        self.kept.append(tensor)
        self.values[name] = [[int(size) for size in tensor.shape], str(tensor.dtype).partition(".")[2]]
        return name

    def of(self, tensor: Any) -> str:
        """The name of a tensor; one that no recorded call has made is a constant."""
        found = self.names.get(id(tensor))
        if found is None:
            found = self.name(tensor, "constant")
            self.held["constants"][found] = [found, self.values[found][0], False]
        return found

    def record(self, function: Any, args: Any, kwargs: dict[str, Any], results: list[Any]) -> None:
        """A call that has given tensors."""
        operator = operator_name(function)
        arguments = {name: self.encoded(value) for name, value in bound(function, operator, args, kwargs).items()}
        reads = tensor_names(arguments)
        is_live = any(name in self.live for name in reads)
        outputs = [None if result is None else self.name(result, operator) for result in results]
        if is_live:
            self.live.update(output for output in outputs if output is not None)
        raw = getattr(function, "__name__", "")
        in_place = raw.endswith("_") and not raw.startswith("__")
        self.nodes.append([operator, arguments, outputs, self.stack(), in_place])

    def stack(self) -> int:
        return self.stacks.setdefault(tuple(self.frames), len(self.stacks))

    def encoded(self, value: Any, depth: int = 0) -> Any:
        """An argument as JSON."""
        import torch

        if isinstance(value, torch.Tensor):
            return {"tensor": self.of(value)}
        if value is None or isinstance(value, (bool, int, float, str)):
            return value if type(value) in (bool, int, float, str, type(None)) else plain(value)
        if value is Ellipsis:
            return {"ellipsis": True}
        if isinstance(value, slice):
            return {"slice": [plain(each) for each in (value.start, value.stop, value.step)]}
        if isinstance(value, Parts):
            return {"parts": [self.encoded(each, depth + 1) for each in value]}
        if isinstance(value, (list, tuple)) and depth < MAX_DEPTH:
            return [self.encoded(each, depth + 1) for each in value]
        return plain(value)

    def is_data_dependent(self, function: Any, args: Any) -> bool:
        """Whether the shape of the result depends on the values of an input of the network."""
        operator = operator_name(function)
        tensors = tensors_in(args)
        if not any(self.names.get(id(tensor)) in self.live for tensor in tensors):
            return False
        return operator in DATA_DEPENDENT or (operator == "where" and len(args) == 1)

    def answer(self, result: Any, failure: Failure | None) -> dict[str, Any]:
        """The whole trace as JSON."""
        if failure is None:
            outputs = [self.of(tensor) for tensor in tensors_in([result], objects=True)]
        else:
            read = {name for node in self.nodes for name in tensor_names(node[1])}
            made = [name for node in self.nodes for name in node[2] if name in self.live]
            outputs = [name for name in made if name not in read]
        import torch

        return {
            "name": type(self.module).__name__,
            "torch": torch.__version__,
            "values": self.values,
            "nodes": self.nodes,
            "stacks": [list(stack) for stack in self.stacks],
            **self.held,
            "inputs": self.inputs,
            "outputs": outputs,
            "stopped": describe_stop(self, failure),
        }


class Parts(tuple):  # type: ignore[type-arg]
    """The parts of an index."""


def describe_stop(recorder: Recorder, failure: Failure | None) -> Any:
    """Where and why a trace ended early."""
    if failure is None:
        return None
    error = {"type": "", "message": str(failure.error), "where": ""}
    if not isinstance(failure.error, Stop):
        error = described(failure.error)
    return {**error, "module": recorder.stopped_in, "calls": len(recorder.nodes)}


def named(module: Any, kind: str) -> list[tuple[str, Any]]:
    """All modules, parameters or buffers with their paths, also those that are there twice."""
    function = getattr(module, "named_" + kind)
    try:
        return list(function(remove_duplicate=False))
    except TypeError:  # an older torch
        return list(function())


class Recording:
    """While it is active, calls of modules and of torch's functions are recorded."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def __enter__(self) -> None:
        import torch

        recorder = self.recorder
        self.original = original = torch.nn.Module.__call__

        def call(module: Any, *args: Any, **kwargs: Any) -> Any:
            path = recorder.paths.get(id(module))
            if not path:
                return original(module, *args, **kwargs)
            count = recorder.calls.get(id(module), 0)
            recorder.calls[id(module)] = count + 1
            kind = type(module).__module__ + "." + type(module).__qualname__
            recorder.frames.append((path, kind, count))
            try:
                return original(module, *args, **kwargs)
            except BaseException:
                recorder.stopped_in = recorder.stopped_in or path
                raise
            finally:
                recorder.frames.pop()

        set_call(torch.nn.Module, call)
        self.mode = function_mode(recorder)
        self.mode.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.mode.__exit__(*error)
        import torch

        set_call(torch.nn.Module, self.original)


def set_call(modules: Any, call: Any) -> None:
    """Change what a call of any module does."""
    modules.__call__ = call


def function_mode(recorder: Recorder) -> Any:
    """The mode of torch that sees every call of its functions."""
    from torch import Tensor
    from torch.overrides import TorchFunctionMode

    class Mode(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            if recorder.is_data_dependent(func, args):
                raise Stop(f"the size of what {operator_name(func)} gives depends on the values of the input")
            result = func(*args, **kwargs)
            name = operator_name(func)
            if name == "__setitem__":
                recorder.record(func, args, kwargs, [args[0]])
            elif isinstance(result, Tensor):
                if args and result is args[0] and name in DROPOUTS and not (kwargs.get("inplace") or True in args[3:]):
                    result = result.view(result.shape)  # outside of training it is its input, which others may read
                recorder.record(func, args, kwargs, [result])
            elif isinstance(result, (list, tuple)) and any(isinstance(each, Tensor) for each in result):
                flat = [tensor for each in result for tensor in (each if isinstance(each, (list, tuple)) else [each])]
                recorder.record(func, args, kwargs, [each if isinstance(each, Tensor) else None for each in flat])
            return result

    return Mode()


def operator_name(function: Any) -> str:
    """`conv2d`, `add`: without the underscore of a function in place. An attribute has its own name."""
    name = getattr(function, "__name__", "") or type(function).__name__
    if name == "__get__":
        name = getattr(getattr(function, "__self__", None), "__name__", name)
    name = name.partition(".")[0]
    return name if name.startswith("__") else name.rstrip("_")


def bound(function: Any, operator: str, args: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments by the names that torch gives them."""
    args = tuple(args)
    if operator == "einsum":
        operands = args[1:]
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = tuple(operands[0])
        return {"equation": args[0], "tensors": list(operands)}
    if getattr(function, "__name__", "") == "__get__":
        return {"self": args[0]}
    if operator in ("__getitem__", "__setitem__"):
        index = Parts(args[1]) if isinstance(args[1], tuple) else args[1]
        return {"self": args[0], "index": index, **({"value": args[2]} if len(args) > 2 else {})}
    if operator in MANY_INTEGERS and len(args) > 2 and all(type(each) is int for each in args[1:]):
        args = (args[0], list(args[1:]))
    for schema in schemas_of(function):
        found = by_schema(schema, args, kwargs)
        if found is not None:
            return found
    try:
        return dict(inspect.signature(implementation(function, operator)).bind(*args, **kwargs).arguments)
    except (TypeError, ValueError):
        names = ["self", "other", *[f"argument{number}" for number in range(2, len(args))]]
        return {**dict(zip(names, args)), **kwargs}


def implementation(function: Any, operator: str) -> Any:
    """The function itself; for one that only chooses by `return_indices`, the one without them, for its signature."""
    import torch

    parameters = inspect.signature(function).parameters.values()
    if all(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in parameters):
        return getattr(torch.nn.functional, "_" + operator, function)
    return function


def schemas_of(function: Any) -> list[Any]:
    """The signatures of a function that is written in C++, by its name."""
    import torch

    if inspect.isfunction(function):
        return []
    name = getattr(function, "_qualified_op_name", None) or "aten::" + getattr(function, "__name__", "")
    try:
        return list(torch._C._jit_get_schemas_for_operator(name))
    except RuntimeError:
        return []


def by_schema(schema: Any, args: Any, kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments by name where they fit the signature."""
    declared = {each.name: str(each.type) for each in schema.arguments}
    kwargs = {RENAMED.get(name, name) if name not in declared else name: value for name, value in kwargs.items()}
    positional = [each.name for each in schema.arguments if not each.kwarg_only]
    if len(args) > len(positional) or not set(kwargs) <= set(declared):
        return None
    result = dict(zip(positional, args))
    if set(result) & set(kwargs):
        return None
    result.update(kwargs)
    if any(not fits(declared[name], value) for name, value in result.items()):
        return None
    missing = [each for each in schema.arguments if each.name not in result and not each.has_default_value()]
    return result if not missing else None


# Names of torch's Python functions for arguments that the signatures name in another way.
RENAMED = {"input": "self", "axis": "dim", "keepdims": "keepdim", "tensors": "tensors"}


def fits(declared: str, value: Any) -> bool:
    """Whether a value can be of the type that a signature declares, as far as that tells signatures apart."""
    import torch

    if value is None:
        return declared.startswith("Optional")
    declared = declared[len("Optional[") : -1] if declared.startswith("Optional[") else declared
    if isinstance(value, torch.Tensor):
        return declared == "Tensor"
    if isinstance(value, (list, tuple)):
        return declared.startswith("List[")
    if isinstance(value, bool):
        return declared in ("bool", "number", "int")
    if isinstance(value, int):
        return declared in ("int", "number", "float", "List[int]", "Scalar", "List[float]", "SymInt", "List[SymInt]")
    if isinstance(value, float):
        return declared in ("float", "number", "Scalar", "List[float]")
    if isinstance(value, str):
        return declared == "str"
    return True


def plain(value: Any) -> Any:
    """A number or a text of another class; None for anything else."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    try:
        if isinstance(value, str):
            return str(value)
        if isinstance(value, float):
            return float(value)
        if hasattr(value, "__index__"):
            return int(value)
    except Exception:
        return None
    return str(value)[:100] if type(value).__module__ == "torch" else None


def tensor_names(value: Any) -> list[str]:
    """The names of the tensors among encoded arguments."""
    if isinstance(value, dict):
        if "tensor" in value and isinstance(value["tensor"], str):
            return [value["tensor"]]
        return [name for each in value.values() for name in tensor_names(each)]
    return [name for each in value for name in tensor_names(each)] if isinstance(value, list) else []


def tensors_in(value: Any, objects: bool = False, depth: int = 0) -> list[Any]:
    """All tensors in lists, tuples and dictionaries, with `objects` also in the fields of other objects."""
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    if depth > MAX_DEPTH or isinstance(value, (str, bytes, int, float, torch.nn.Module, type)):
        return []
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, (list, tuple)):
        inner = list(value)
    elif objects and hasattr(value, "__dict__"):
        inner = list(vars(value).values())
    else:
        return []
    return [tensor for each in inner for tensor in tensors_in(each, objects, depth + 1)]


def number_of(shape: list[int]) -> int:
    result = 1
    for size in shape:
        result *= size
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
