"""Runs trace.py in the interpreter that holds the user's code, and reports what that did."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from typing import IO, Any

from convcalc import bounds
from convcalc.errors import UsageError
from convcalc.importers import PYTORCH
from convcalc.importers.inputs import Given, GivenInputs
from convcalc.importers.network import ForeignNetwork
from convcalc.importers.torch.traces import network_of

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trace.py")
KEPT_OUTPUT_BYTES = 16_384  # of what the user's code prints
SHOWN_LINES = 10
MESSAGE_LENGTH = 500
# MODULE:NAME or MODULE:NAME(ARGUMENTS); a module may be the path of a file.
TARGET = re.compile(r"(?P<module>.+?):(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\((?P<arguments>.*)\))?", re.DOTALL)


def read(target: str, inputs: GivenInputs, python: str | None = None) -> ForeignNetwork:
    """The network that `pytorch:PACKAGE.MODULE:NAME(ARGUMENTS)` names, traced by the user's interpreter."""
    request = request_of(target, inputs)
    answer = _run(interpreter(python), request, target)
    if "error" in answer:
        raise _refusal(target, answer)
    try:
        return network_of(answer)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UsageError(f"`{target}` gave a trace that cannot be read ({type(error).__name__}: {error})") from None


def request_of(target: str, inputs: GivenInputs) -> dict[str, Any]:
    """What trace.py is to do. Raises UsageError for a target that is not written so, or without inputs."""
    match = TARGET.fullmatch(target.removeprefix(PYTORCH))
    if match is None:
        help = "write pytorch:PACKAGE.MODULE:NAME, or pytorch:PACKAGE.MODULE:NAME(ARGUMENTS)"
        raise UsageError(f"`{target}` names no module of PyTorch", help)
    if match["arguments"]:
        _check_literals(target, match["arguments"])
    if not inputs:
        raise UsageError(f"`{target}` needs the shape of its input", "give it without the batch: --input 3x224x224")
    given: Any = (
        {name: _item(each) for name, each in inputs.items()}
        if isinstance(inputs, dict)
        else [_item(each) for each in inputs]
    )
    return {"module": match["module"], "name": match["name"], "arguments": match["arguments"], "inputs": given}


def _item(given: Given) -> list[Any]:
    return [list(given.shape), given.dtype]


def _check_literals(target: str, arguments: str) -> None:
    """Arguments are numbers, texts, lists and such, and no code."""
    try:
        call = ast.parse(f"f({arguments})", mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError("no arguments of one call")
        for each in [*call.args, *[keyword.value for keyword in call.keywords]]:
            ast.literal_eval(each)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        message = f"the arguments of `{target}` are not Python literals"
        raise UsageError(message, "write numbers, quoted texts, lists, True, False or None") from None


def interpreter(python: str | None) -> str:
    """The Python that is given, that of the active virtual environment, or `python3` on PATH."""
    if python is not None:
        found = shutil.which(os.path.expanduser(python))
        if found is None:
            raise UsageError(f"--python {python}: there is no such program")
        return found
    environment = os.environ.get("VIRTUAL_ENV")
    if environment:
        for place in (("bin", "python"), ("Scripts", "python.exe")):
            path = os.path.join(environment, *place)
            if os.path.exists(path):
                return path
    found = shutil.which("python3") or shutil.which("python")
    if found is None:
        raise UsageError("there is no python3 on PATH", "name the interpreter that has torch: --python PATH")
    return found


def _run(python: str, request: dict[str, Any], target: str) -> dict[str, Any]:
    """The answer of trace.py. Raises UsageError where there is none."""
    with tempfile.TemporaryDirectory(prefix="convcalc-") as folder:
        asked, answered = os.path.join(folder, "request.json"), os.path.join(folder, "answer.json")
        with open(asked, "w", encoding="utf-8") as file:
            json.dump(request, file)
        # The code runs with the rights of the user, who has named it; what it prints is not ours.
        process = subprocess.Popen(  # noqa: S603
            [python, SCRIPT, asked, answered], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        printed = _Printed(process.stdout)
        try:
            code = process.wait(bounds.MAX_TRACE_SECONDS)
        except subprocess.TimeoutExpired:
            message = f"`{target}` did not end within {bounds.MAX_TRACE_SECONDS} seconds"
            raise UsageError(message, bounds.how_to_raise("MAX_TRACE_SECONDS") + printed.text()) from None
        finally:
            _end(process)
            printed.wait()
        if not os.path.exists(answered):
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            raise UsageError(f"`{target}` {how} before it was traced" + printed.text())
        if os.path.getsize(answered) > bounds.MAX_GRAPH_BYTES:
            message = f"the trace of `{target}` has more than {bounds.MAX_GRAPH_BYTES:,} bytes"
            raise UsageError(message, bounds.how_to_raise("MAX_GRAPH_BYTES"))
        with open(answered, encoding="utf-8") as file:
            answer = json.load(file)
    answer["printed"] = printed.text() if "error" in answer else ""
    return dict(answer)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and those that it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


class _Printed:
    """The last of what a process prints, read while it runs so that it never waits for us."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self.stream = stream
        self.tail = b""
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        while self.stream is not None and (chunk := os.read(self.stream.fileno(), 65_536)):
            self.tail = (self.tail + chunk)[-KEPT_OUTPUT_BYTES:]

    def wait(self) -> None:
        self.thread.join(2)  # a process that has left its session may hold the stream open
        if self.stream is not None and not self.thread.is_alive():
            self.stream.close()

    def text(self) -> str:
        """The last lines, for a message."""
        lines = [line.rstrip() for line in self.tail.decode("utf-8", "replace").splitlines() if line.strip()]
        shown = ["".join(each if each.isprintable() else "?" for each in line)[:300] for line in lines[-SHOWN_LINES:]]
        return "; it printed:\n" + "\n".join(f"  {line}" for line in shown) if shown else ""


def _one_line(text: str) -> str:
    """A message of the user's code as one line of printable characters."""
    words = "".join(each if each.isprintable() else " " for each in text).split()
    return " ".join(words)[:MESSAGE_LENGTH]


DOING = {"import": "when it was imported", "building": "when it was built", "forward": "in its forward pass"}


def _refusal(target: str, answer: dict[str, Any]) -> UsageError:
    """What went wrong in the user's code."""
    error, stage = answer["error"], answer["stage"]
    if stage == "torch":
        return UsageError("the interpreter has no torch", "name the one that has: --python PATH" + answer["printed"])
    where = f" ({error['where']})" if error["where"] else ""
    text = f": {_one_line(error['message'])}" if error["message"] else ""
    if error["type"] in ("SystemExit", "KeyboardInterrupt"):
        return UsageError(f"`{target}` raised {error['type']}{text} {DOING[stage]}{where}" + answer["printed"])
    return UsageError(f"`{target}` raised {error['type']} {DOING[stage]}{where}{text}" + answer["printed"])
