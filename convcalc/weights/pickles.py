"""A closed interpreter of the pickles that torch.save writes. It makes plain values, and calls nothing.

A pickle is a program that can name and call any function of Python. This interpreter knows a fixed list of names, each
with what it means here: the parts of a tensor become its shape, and some classes become an empty object. Any other name
is an error.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.weights.checkpoint import Tensor

# Values of a checkpoint that are no tensors: learning rates, arguments of a program. They have no content here.
INERT = frozenset(["numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype", "numpy.ndarray",
                   "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct", "_codecs.encode",
                   "builtins.set", "__builtin__.set", "builtins.frozenset", "builtins.slice", "builtins.complex",
                   "builtins.bytearray", "argparse.Namespace", "pathlib.PosixPath", "pathlib.WindowsPath",
                   "pathlib._local.PosixPath", "datetime.datetime", "datetime.timedelta", "torch.device",
                   "torch.Size", "torch.storage.UntypedStorage", "torch.serialization._get_layout",
                   "collections.Counter", "types.SimpleNamespace"])  # fmt: skip
MAPPINGS = frozenset(["collections.OrderedDict", "collections.defaultdict", "builtins.dict", "__builtin__.dict"])
WHOLE = ("Byte", "Char", "Short", "Int", "Long", "Bool")
MAX_OPERATIONS = 3_000_000
MAX_DIMENSIONS = 64


class PickleError(Exception):
    """What is wrong with a pickle."""


class Name(NamedTuple):
    """A name that a pickle loads, with its module."""

    text: str


class Inert:
    """An object without content."""


class Storage(NamedTuple):
    """A block of weights; `kind` is the name of its class, FloatStorage."""

    kind: str


_MARK = object()


def read(data: bytes, at: int = 0) -> tuple[Any, int]:
    """The value of the pickle at a place, and the place behind it. Raises PickleError."""
    machine = _Machine()
    stream = io.BytesIO(data)
    stream.seek(at)
    try:
        for operation, argument, _ in pickletools.genops(stream):
            if operation.name == "STOP":
                return machine.pop(), stream.tell()
            machine.run(operation.name, argument)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, UnicodeError, AttributeError) as error:
        raise PickleError(f"the pickle is broken at byte {stream.tell():,}: {str(error)[:200]}") from None
    raise PickleError("the pickle has no end")


class _Machine:
    """The stack and the memory of a pickle that is read."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}
        self.count = 0

    def run(self, name: str, argument: Any) -> None:
        self.count += 1
        if self.count > MAX_OPERATIONS:
            raise PickleError(f"the pickle has more than {MAX_OPERATIONS:,} operations")
        if name in _VALUES:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _STEPS:
            _STEPS[name](self, argument)
        else:
            raise PickleError(f"the pickle has the operation {name}, which no checkpoint needs")

    def pop(self) -> Any:
        value = self.stack.pop()
        if value is _MARK:
            raise ValueError("a value is missing")
        return value

    def pop_to_mark(self) -> list[Any]:
        values = []
        while self.stack[-1] is not _MARK:
            values.append(self.stack.pop())
        self.stack.pop()
        return values[::-1]

    def drop(self) -> None:
        self.stack.pop()

    def drop_to_mark(self) -> None:
        self.pop_to_mark()

    def top(self, depth: int = 1) -> Any:
        value = self.stack[-depth]
        if value is _MARK:
            raise ValueError("a value is missing")
        return value

    # -- the operations that do more than to push a value --------------------------------------------------------------

    def put(self, argument: int | None) -> None:
        self.memory[len(self.memory) if argument is None else argument] = self.top()

    def get(self, argument: int) -> None:
        self.stack.append(self.memory[argument])

    def tuple_of(self, count: int) -> None:
        self.stack[len(self.stack) - count :] = [tuple(self.stack[len(self.stack) - count :])]

    def append(self, values: list[Any]) -> None:
        target = self.top()
        if isinstance(target, list):
            target += values
        elif not isinstance(target, Inert):
            raise ValueError("an item is added to what is no list")

    def set_items(self, values: list[Any]) -> None:
        target = self.top()
        if isinstance(target, dict):
            for key, value in zip(values[::2], values[1::2], strict=True):
                # Keys of other kinds, such as tuples, name no tensor.
                if isinstance(key, (str, int, bytes)):
                    target[key] = value
        elif not isinstance(target, Inert):
            raise ValueError("a key is set in what is no mapping")

    def dictionary(self) -> None:
        values = self.pop_to_mark()
        self.stack.append({})
        self.set_items(values)

    def name(self, module: Any, name: Any) -> None:
        text = f"{module}.{name}"
        if text not in MAPPINGS and text not in INERT and text not in _REBUILDS and _storage(text) is None:
            raise UnknownNameError(text)
        self.stack.append(Name(text))

    def call(self) -> None:
        arguments, called = self.pop(), self.pop()
        if isinstance(called, Inert):
            self.stack.append(Inert())
            return
        if not isinstance(called, Name) or not isinstance(arguments, tuple):
            raise ValueError("something is called that is no name")
        if called.text in MAPPINGS:
            self.stack.append(_mapping(arguments))
        elif called.text in _REBUILDS:
            self.stack.append(_REBUILDS[called.text](*arguments))
        else:
            self.stack.append(Inert())

    def persistent(self) -> None:
        """A storage: its class, key, device and number of elements. A second storage is a view of one."""
        kind = self.pop()
        if not isinstance(kind, tuple) or len(kind) < 2 or kind[0] not in ("storage", b"storage"):
            raise ValueError("there is a reference to something that is no storage")
        if not isinstance(kind[1], Name):
            raise ValueError("a storage has no class")
        self.stack.append(Storage(kind[1].text))


class UnknownNameError(PickleError):
    """A name that this interpreter does not know."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _mapping(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    pairs = arguments[-1] if arguments and isinstance(arguments[-1], (list, dict)) else []
    items = pairs.items() if isinstance(pairs, dict) else pairs
    return {key: value for key, value in items if isinstance(key, (str, int, bytes))}


def _storage(text: str) -> str | None:
    """The kind of a class of storage; None for another name."""
    module, _, name = text.rpartition(".")
    is_storage = name.endswith("Storage") and module in ("torch", "torch.cuda", "torch.storage")
    return name.removesuffix("Storage") if is_storage else None


def _shape(size: Any) -> Shape:
    sizes = tuple(size) if isinstance(size, (tuple, list)) else None
    if (
        sizes is None
        or len(sizes) > MAX_DIMENSIONS
        or not all(type(each) is int and 0 <= each < 2**63 for each in sizes)
    ):
        raise ValueError("a tensor has sizes that are no numbers")
    return sizes


def _tensor(storage: Any, offset: Any, size: Any, *others: Any) -> Tensor:
    if not isinstance(storage, Storage):
        raise ValueError("a tensor has no storage")
    kind = _storage(storage.kind) or ""
    return Tensor(_shape(size), kind.startswith(WHOLE))


def _tensor_without_storage(dtype: Any, size: Any, *others: Any) -> Tensor:
    return Tensor(_shape(size))


def _parameter(data: Any, *others: Any) -> Any:
    return data


# What a name gives when the pickle calls it.
_REBUILDS: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_qtensor": _tensor,
    "torch._utils._rebuild_meta_tensor_no_storage": _tensor_without_storage,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
}
# torch.float32 and its like are names without a meaning here.
INERT_TYPES = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")
INERT |= {f"torch.{each}" for each in INERT_TYPES}

_VALUES = frozenset(["BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG", "FLOAT", "BINFLOAT", "STRING",
                     "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
                     "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"])  # fmt: skip
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False, "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": Inert, "MARK": lambda: _MARK,
}  # fmt: skip


def _global(machine: _Machine, argument: str) -> None:
    module, _, name = argument.partition(" ")
    machine.name(module, name)


def _stack_global(machine: _Machine, argument: None) -> None:
    name, module = machine.pop(), machine.pop()
    machine.name(module, name)


def _build(machine: _Machine, argument: None) -> None:
    machine.pop()  # the state of an object: the versions of its modules


def _frozen_set(machine: _Machine, argument: None) -> None:
    machine.pop_to_mark()
    machine.stack.append(Inert())


_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": lambda machine, argument: None,
    "FRAME": lambda machine, argument: None,
    "POP": lambda machine, argument: machine.drop(),
    "POP_MARK": lambda machine, argument: machine.drop_to_mark(),
    "DUP": lambda machine, argument: machine.stack.append(machine.top()),
    "BINPUT": _Machine.put, "LONG_BINPUT": _Machine.put, "PUT": _Machine.put, "MEMOIZE": _Machine.put,
    "BINGET": _Machine.get, "LONG_BINGET": _Machine.get, "GET": _Machine.get,
    "TUPLE": lambda machine, argument: machine.stack.append(tuple(machine.pop_to_mark())),
    "TUPLE1": lambda machine, argument: machine.tuple_of(1),
    "TUPLE2": lambda machine, argument: machine.tuple_of(2),
    "TUPLE3": lambda machine, argument: machine.tuple_of(3),
    "DICT": lambda machine, argument: machine.dictionary(),
    "LIST": lambda machine, argument: machine.stack.append(machine.pop_to_mark()),
    "APPEND": lambda machine, argument: machine.append([machine.pop()]),
    "APPENDS": lambda machine, argument: machine.append(machine.pop_to_mark()),
    "ADDITEMS": lambda machine, argument: machine.append(machine.pop_to_mark()),
    "SETITEM": lambda machine, argument: machine.set_items([machine.pop(), machine.pop()][::-1]),
    "SETITEMS": lambda machine, argument: machine.set_items(machine.pop_to_mark()),
    "FROZENSET": _frozen_set,
    "GLOBAL": _global, "STACK_GLOBAL": _stack_global,
    "REDUCE": lambda machine, argument: machine.call(),
    "NEWOBJ": lambda machine, argument: machine.call(),
    "BUILD": _build,
    "BINPERSID": lambda machine, argument: machine.persistent(),
}  # fmt: skip


def tensors_in(value: Any) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a mapping by their names; of a nested one with a dot between."""
    waiting: list[tuple[str, Any]] = [("", value)]
    known: set[int] = set()
    while waiting:
        name, item = waiting.pop()
        if isinstance(item, Tensor):
            yield name, item
        elif isinstance(item, dict) and id(item) not in known:
            known.add(id(item))
            inner = [(f"{name}.{key}" if name else str(key), each) for key, each in item.items()]
            waiting += inner[::-1]
            if len(waiting) > bounds.MAX_CHECKPOINT_TENSORS:
                raise PickleError(f"the file has more than {bounds.MAX_CHECKPOINT_TENSORS:,} tensors")
