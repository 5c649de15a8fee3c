"""The command line: `main` is the console entry, and the one place that turns errors into exit statuses.

A command is a module of its own, imported only when it is called: `grader --help` reads nothing but
the table COMMANDS, and modules that only an error needs are not imported on top. Commands return
their exit status and write through `emit`; what goes wrong they raise.

Exit statuses: 0 all passed; 1 graded, and something failed; 2 usage, config or spec error;
3 the grader or its sandbox failed; 130 interrupted; 141 nobody reads the output any more; 143 terminated.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType, MappingProxyType
from typing import Any

import click

from grader import __version__
from grader.errors import GraderError

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "list": ("list_", "The exercises of the course."),
        "show": ("show", "The statement of an exercise."),
        "start": ("start", "Copy the starter files of an exercise, to begin with."),
        "grade": ("grade", "Grade one submission and explain what was seen."),
        "batch": ("batch", "Grade a directory of submissions in parallel."),
        "verify": ("verify", "Prove that exercises accept right solutions and reject wrong ones."),
        "schema": ("schema", "Print a JSON Schema: of exercise.yaml, grader.yaml or the report."),
        "sandbox": ("sandbox", "Build the image of the Docker sandbox, and tell what there is of it."),
        "doctor": ("doctor", "Check that everything works that grading needs."),
    }
)

EPILOG = """Tab completion in bash: eval "$(_GRADER_COMPLETE=bash_source grader)"
(zsh: zsh_source; fish: _GRADER_COMPLETE=fish_source grader | source)."""


class OutputClosedError(Exception):
    """Whoever read our standard output has gone: nothing more to say, and nobody to say it to."""


class InterruptedCommandError(GraderError):
    """Ctrl-C, with a sentence on what is kept."""

    exit_status = 130


class LazyGroup(click.Group):
    """The commands of COMMANDS; a module is imported when its command is asked for by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"grader.cli.{COMMANDS[cmd_name][0]}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with a name that was probably meant in the error."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = importlib.import_module("difflib").get_close_matches(args[0], COMMANDS, n=1)
            meant = f"; did you mean '{close[0]}'?" if close else ""
            raise click.UsageError(f"there is no command '{args[0]}'{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table, without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    name="grader",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name="grader", message="%(prog)s %(version)s")
def group() -> None:
    """Grade C programs about Unix inter-process communication.

    grader start fifo-reader; write code; grader grade fifo-reader fifo-reader
    """


def emit(text: str) -> None:
    """Write to standard output, now."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputClosedError from None
    except OSError as error:
        _abandon_output()
        raise GraderError(f"cannot write to standard output: {error.strerror}") from None


def complain(text: str) -> None:
    """Write lines to standard error, each with our name in front, safe for a terminal."""
    with contextlib.suppress(OSError, ValueError):
        for line in text.split("\n") or [""]:
            shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
            sys.stderr.write(f"grader: {shown}\n")
        sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status."""
    # No plugin of pydantic's is of use here, and looking for them reads the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no ✓ is no error
    try:
        with _terminable():
            status = group.main(None if arguments is None else list(arguments), "grader", standalone_mode=False)
    except GraderError as error:
        complain(str(error))
        if error.exit_status == 3 and _debug():
            _traceback().print_exc()
        return error.exit_status
    except OutputClosedError:
        _abandon_output()
        return 128 + signal.SIGPIPE
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted; no sandbox is left behind")
        return 128 + signal.SIGINT
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        complain(_click_message(error))
        return 2
    except Exception as error:  # noqa: BLE001  # the last resort: a clear line instead of a traceback
        return _internal(error)
    return status if isinstance(status, int) else 0


def _click_message(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    message = message[:1].lower() + message[1:]
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message} (see {context.command_path} --help)" if context else message


def _internal(error: Exception) -> int:
    what = f"internal error: {type(error).__name__}: {error}".rstrip(": ")
    if _debug():
        _traceback().print_exception(error)
        complain(what)
        return 3
    where = "GRADER_DEBUG=1 shows where"
    with contextlib.suppress(OSError):
        descriptor, name = importlib.import_module("tempfile").mkstemp(prefix="grader-traceback-", suffix=".txt")
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            _traceback().print_exception(error, file=file)
        where = f"please report it with {name}"
    complain(f"{what} ({where})")
    return 3


def _traceback() -> Any:
    return importlib.import_module("traceback")


def _debug() -> bool:
    return os.environ.get("GRADER_DEBUG", "") not in ("", "0")


def _abandon_output() -> None:
    """Let the interpreter's last flush of standard output go nowhere, instead of into a traceback."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the stack, so that sandboxes are closed, as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}
    for number in (int(signal.SIGTERM), int(signal.SIGHUP)):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup's choice stays
            before[number] = signal.signal(number, _terminated)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminated(number: int, _frame: FrameType | None) -> None:
    complain(f"ended by {signal.Signals(number).name}")
    raise SystemExit(128 + number)
