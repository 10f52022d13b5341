"""The entry point: finds a command by name, imports it, and gives every failure its exit code.

0: success; 1: a finding, or an expectation fails; 2: the spec or the call is wrong; 3: a bug; 130: Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from convcalc import __version__, garbage
from convcalc.bugs import HELP, TRACEBACK, bug_message
from convcalc.errors import SpecError, UsageError
from convcalc.problems import nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

C = TypeVar("C", bound=click.Command)

# Command -> its help in one line: the overview imports no command.
COMMANDS = {
    "count": "Shapes, receptive fields, parameters and multiply-accumulates of each layer.",
    "compare": "The savings of weight sharing; or several networks, or layers, side by side.",
    "diff": "The difference between two networks, or between a git revision and a file.",
    "explain": "The worked derivation of one layer's figures.",
    "sweep": "Many networks from one spec: values varied, conditions, the best of them.",
    "solve": "The values of a param or key with which a network is as wanted; or the cheapest stack.",
    "field": "The pixels that a unit of a layer sees, in numbers and as a picture.",
    "draw": "A network, or the wiring of a layer, as a picture.",
    "report": "One page about networks: drawing, table, derivations, as a file of HTML.",
    "layer": "The same derivation for a layer from the command line.",
    "explore": "The interactive screen: look at a network, edit it, and see how its figures change.",
    "shell": "A prompt, or a script, to look at a spec and to edit it.",
    "import": "A network of PyTorch, ONNX, Keras, darknet or Caffe as a spec.",
    "export": "A network as source for PyTorch or Keras, an ONNX graph, a diagram or a spec.",
    "check": "Validate, lint and verify spec files, for CI.",
    "sizes": "The input sizes that fit, and the map size of each layer as a formula.",
    "layers": "The manual of the layer types.",
    "rules": "The lint rules of `check`, and the page of each.",
    "zoo": "The shipped specs.",
    "schema": "The JSON Schema of the language, for editors.",
    "completion": "Completion of commands, targets and layers in bash, zsh and fish.",
}

EPILOG = """\b
Examples:
  convcalc count lenet
  convcalc count resnet50 --depth 1
  convcalc compare alexnet
  convcalc explain alexnet conv1
  convcalc layer conv2d out_channels=96 kernel_size=11 stride=4 --input 3x227x227
"""


COMPLETE = "_CONVCALC_COMPLETE"  # the variable by which a shell asks for completions
# What a call without arguments prints.
WELCOME = f"""\
convcalc {__version__}: figures of convolutional networks, from an architecture alone

Try it with networks that are shipped:
  convcalc count lenet           shapes, parameters and macs of each layer
  convcalc explain lenet conv1   the arithmetic behind the figures of a layer
  convcalc field lenet conv2     the pixels that one unit of a layer sees
  convcalc compare lenet         what weight sharing saves
  convcalc zoo                   the list of these networks

With a network of yours:
  convcalc count net.yaml        a spec; `convcalc zoo lenet --show` prints one
  convcalc count model.onnx      PyTorch, Keras, …: see `convcalc import --help`

`convcalc --help` lists all commands, `convcalc COMMAND --help` explains one.
"""


class OutputClosed(Exception):
    """The reader of our output has closed the pipe. It is not an OSError, for which click has its own exit code."""


class Commands(click.Group):
    """A group of commands in separate modules; a module is imported when its command is called."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError as error:
            raise OutputClosed from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = "import_" if cmd_name == "import" else cmd_name  # the word is taken in Python
        command: click.Command = import_module(f"convcalc.cli.{module}").command
        return _with_help(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UsageError(f"there is no command `{args[0]}`", _meant(args[0]))
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem  # needed only for completion

        commands = [CompletionItem(name, help=help) for name, help in COMMANDS.items() if name.startswith(incomplete)]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _meant(word: str) -> str:
    """The help for a word that is no command: a command that is similar, or the word as a target."""
    from convcalc.targets import names  # needed only for this error

    is_target = os.path.exists(word) or os.path.splitext(word)[1] or word.partition("@")[0] in names.short_names()
    if is_target:
        return f"a command comes first: convcalc count {word}"
    close = nearest(word, [name for name in COMMANDS if len(word) > 3 or name.startswith(word)])
    return close or "the commands are " + ", ".join(COMMANDS)


def _with_help(command: C) -> C:
    """The command with the option --help, once.

    It is ours because click's own looks for a translation of its text in each call, which loads `locale`.
    """
    if command.add_help_option:
        command.add_help_option = False
        command.params.append(click.Option(
            ["-h", "--help"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help,
            help="Show this message and exit.",
        ))  # fmt: skip
    return command


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help())
        ctx.exit()


@_with_help
@click.command(cls=Commands, epilog=EPILOG, invoke_without_command=True)
@click.option("-V", "--version", is_flag=True, help="Show the version and exit.")
@click.option("--verbose", is_flag=True, help="With --version: also Python, libraries and terminal, for a bug report.")
@click.option("--no-pager", is_flag=True, help="Print long output on a terminal without $PAGER.")
@click.pass_context
def cli(ctx: click.Context, version: bool, verbose: bool, no_pager: bool) -> None:  # the pager looks for its option
    """Parameter counts, shapes and receptive fields of convolutional networks, from an architecture file alone.

    A TARGET is a YAML file, FILE@VARIANT, REV:FILE for a file at a git revision, the name of a shipped spec or variant
    (convcalc zoo lists them), or - for standard input.
    """
    if verbose and not version:
        raise UsageError("--verbose belongs to --version", "write convcalc --version --verbose")
    if version:
        click.echo(_version(verbose), nl=False)
        ctx.exit()
    if ctx.invoked_subcommand is None:
        click.echo(WELCOME, nl=False)


def _version(verbose: bool) -> str:
    if not verbose:
        return f"convcalc {__version__}\n"
    from convcalc.cli.version import describe  # only for a bug report

    return describe()


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the shell has closed this stream
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as the process
    if COMPLETE in os.environ:
        from convcalc.cli.completion_scripts import register  # only for a press of the tab key

        register()
    code = run(sys.argv[1:])
    garbage.end(code)


def run(args: list[str]) -> int:
    """Run the command line; the exit code."""
    try:
        result = cli.main(args=args, prog_name="convcalc", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except SpecError as error:
        return _spec_error(error)
    except UsageError as error:
        return _usage_error(error.message, error.help)
    except click.UsageError as error:
        hint = f"`{error.ctx.command_path} --help` shows the usage" if error.ctx is not None else ""
        return _usage_error(error.format_message().rstrip("."), hint)
    except click.ClickException as error:
        return _usage_error(error.format_message(), "")
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except OutputClosed:
        # The reader has stopped: the interpreter must not flush the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # An error without a file name is about the working directory or about an output stream.
        nameless = "the working directory" if isinstance(error, FileNotFoundError) else "output"
        return _usage_error(f"{error.filename or nameless}: {error.strerror}", "")
    except Exception as error:
        return _bug(error)


def _spec_error(error: SpecError) -> int:
    from convcalc.cli.terminal import style_for, width_of  # needed only for errors
    from convcalc.render.diagnostics import render_problems

    sys.stderr.write(render_problems(error.problems, style_for(sys.stderr), width_of(sys.stderr)))
    return 2


def _usage_error(message: str, help: str) -> int:
    from convcalc.arith.wording import visible_lines  # as above
    from convcalc.cli.terminal import style_for

    style = style_for(sys.stderr)
    sys.stderr.write(f"{style('error', 'error')}: {visible_lines(message)}\n")
    if help:
        sys.stderr.write(f"  {style('help', 'help')}: {visible_lines(help)}\n")
    return 2


def _bug(error: Exception) -> int:
    if os.environ.get(TRACEBACK):
        raise error
    sys.stderr.write(f"error: {bug_message(error)}\n  help: {HELP}\n")
    return 3
