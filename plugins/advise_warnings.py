"""Advice `warnings`: what gcc warns of in the plain build, in a second-year student's words.

One note for each kind of warning, the most dangerous first. It never costs points: what goes wrong when the program
runs is told by the checks. gcc's own sentence stands in the details, and alone where the kind is not in the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader import BuildObservation, Finding, Location, Submission, hookimpl

MOST = 5  # notes
PLACES = 8  # lines that one note names
_LINES = 20_000  # of the compiler's output, which the submission can fill
_LENGTH = 300  # of a sentence

_STRAIGHT = {0x2018: "'", 0x2019: "'"}  # gcc's quotation marks
_WARNING = re.compile(r"(?P<file>[^:]+):(?P<line>\d{1,7}):(?:(?P<column>\d{1,7}):)? warning: (?P<text>.*)")
_KIND = re.compile(r" \[-W(?P<kind>[\w+-]{1,60})=?\d{0,9}\]$")
_FUNCTION = re.compile(r"(?:[^:]+: )?In function '(?P<function>\w{1,80})'")
_INLINED = re.compile(r" +inlined from '(?P<function>\w{1,80})' at (?P<file>[^:]+):(?P<line>\d{1,7})")
_QUOTED = re.compile(r"'(?P<name>[^']{1,60})'")


@dataclass(frozen=True)
class _Advice:
    """what: follows the place; {} is the first name that gcc quotes, without: what stands there if it quotes none."""

    what: str
    because: str
    hint: str
    without: str = "something"


_OVERFLOW = _Advice(
    "writes or reads beyond the end of an array",
    "What lies behind it is destroyed: another variable, the return address, in shared memory another process's data.",
    "How many bytes does it need, the '\\0' of a string included? Use snprintf(), with sizeof of the array as limit.",
)
_UNINITIALISED = _Advice(
    "{} is used before it has a value",
    "It holds whatever lay there before: as a descriptor, pid or semaphore operation that is another one each time.",
    "Give it a value where you declare it. Of a struct (sembuf, sigaction) set all members: struct sembuf op = {0};",
    "a variable",
)
_TRUNCATED = _Advice(
    "the text may not fit, and is cut",
    "A path or record that is cut names another FIFO or file; after strncpy() even the final '\\0' may be missing.",
    "Make the array larger, or compare what snprintf() returns with the size of the array.",
)
_DANGLING = _Advice(
    "uses the address of a local variable after that is gone",
    "Its place on the stack is given to the next call: the value changes without anyone writing to it.",
    "Return the value itself, let the caller pass an array, or use malloc().",
)
_UNUSED = _Advice(
    "{} is never used",
    "Often it was meant to be: the result of a call that should be checked, or another variable is used in its place.",
    "Use it, or delete it. A parameter that must be there (a handler's signal number) is silenced by (void)name;",
    "a variable",
)
_ALWAYS = _Advice(
    "this comparison always comes out the same",
    "A branch is dead: mostly the one for an error, since an unsigned variable (size_t) can never hold the -1 of one.",
    "Keep the result of read(), write() or msgrcv() in a ssize_t, and that of fork() in a pid_t.",
)
_POINTER_CAST = _Advice(
    "a pointer and a whole number of another size are turned into each other",
    "Half of the address is lost. Addresses also differ from process to process: they mean nothing to another one.",
    "Keep addresses in pointers. Put offsets, not pointers, into shared memory.",
)
_BRACES = _Advice(
    "the code does not group as it is indented",
    "C looks at braces and operators only: a line that seems to belong to the if is done in any case, or never.",
    "Write braces round every body, and parentheses round every comparison and assignment inside a condition.",
)
_SIZEOF = _Advice(
    "sizeof measures a pointer, not what it points at",
    "It is always 8 bytes: a struct is cleared, sent or copied in part only, and its rest holds old bytes.",
    "Write sizeof *pointer, or sizeof (struct name).",
)

# The most dangerous first: notes are told in this order. Kinds that are not here come in the middle, at "".
ADVICE: Mapping[str, _Advice] = {
    "return-local-addr": _DANGLING,
    "dangling-pointer": _DANGLING,
    "use-after-free": _Advice(
        "{} is used after it was freed",
        "The memory belongs to someone else by now: the next malloc() hands it out again.",
        "Call free() last, and set the pointer to NULL afterwards.",
        "memory",
    ),
    "free-nonheap-object": _Advice(
        "{}() is given something that did not come from malloc()",
        "The allocator destroys its own lists. Shared memory is let go by shmdt() or munmap(), not by free().",
        "free() takes exactly what malloc(), calloc(), realloc() or strdup() returned.",
        "free",
    ),
    "uninitialized": _UNINITIALISED,
    "maybe-uninitialized": _UNINITIALISED,
    "stringop-overflow": _OVERFLOW,
    "stringop-overread": _OVERFLOW,
    "array-bounds": _OVERFLOW,
    "format-overflow": _OVERFLOW,
    "implicit-function-declaration": _Advice(
        "{}() is called, but no header that was included declares it",
        "C then guesses that it returns an int: an address from shmat() or mmap() loses its upper half.",
        "Is it misspelt? Its man page names the #include lines; some need #define _GNU_SOURCE as the first line.",
        "a function",
    ),
    "int-conversion": _Advice(
        "a pointer stands where a number is needed, or the other way round",
        "An address is taken for a number, or a number for an address: EFAULT, EINVAL, or a crash.",
        "Compare the arguments with the man page: is a & or * missing or too many, are two in the wrong order?",
    ),
    "incompatible-pointer-types": _Advice(
        "a pointer to one type is used as a pointer to another",
        "The bytes are taken for something else. A handler or thread function of the wrong type gets wrong arguments.",
        "Compare with the man page: a handler is void f(int), a thread function void *f(void *).",
    ),
    "cast-function-type": _Advice(
        "a cast hides that a function has another type than the one it is called by",
        "It is called with arguments that it does not expect. A handler gets one int and returns nothing.",
        "Declare the handler as void f(int sig), and drop the cast.",
    ),
    "format": _Advice(
        "what is printed or read does not fit its % in the format",
        "printf() and scanf() take wrong bytes from a wrong place: wrong numbers, or a crash where %s gets one.",
        "%d int (pid_t too), %ld long, %zd ssize_t, %zu size_t, %s char *, %p void *; scanf() needs & before numbers.",
    ),
    "format-security": _Advice(
        "text from outside is used as a format",
        "A % in it makes printf() read arguments that are not there; %n even writes.",
        'Write printf("%s", text).',
    ),
    "return-type": _Advice(
        "a function that must return a value can end without one",
        "Its caller gets whatever lies in a register: an error looks like success, or the other way round.",
        "Add the return at its end. Which value belongs to the way that reaches it?",
    ),
    "infinite-recursion": _Advice(
        "the function calls itself without end",
        "The stack is used up, and the program ends by SIGSEGV.",
        "Which condition ends it? A wrapper must call the real function, not itself.",
    ),
    "unused-result": _Advice(
        "what {}() returns is thrown away",
        "An error goes unnoticed, and read() and write() may have done only a part.",
        "Compare the result with -1 (and with the number of bytes that were wanted); perror() names the reason.",
        "a call",
    ),
    "sequence-point": _Advice(
        "{} is changed and used in one expression, and C does not say which comes first",
        "Another compiler or -O level gives another result.",
        "Make two statements of it.",
        "a variable",
    ),
    "nonnull": _Advice(
        "NULL is passed where an address is needed",
        "The function uses it without a check: SIGSEGV.",
        "What should stand there? The man page says which arguments may be NULL.",
    ),
    "sizeof-pointer-memaccess": _SIZEOF,
    "sizeof-pointer-div": _SIZEOF,
    "sizeof-array-argument": _SIZEOF,
    "memset-transposed-args": _Advice(
        "the last two arguments of memset() are exchanged",
        "It sets 0 bytes, so nothing is cleared: a struct sembuf or sigaction keeps what lay there before.",
        "memset(address, value, size): write memset(&it, 0, sizeof it).",
    ),
    "parentheses-assignment": _Advice(
        "= stands in a condition, where == is usual",
        "It assigns, and the condition is true for every value but 0: if (pid = fork() == 0) even assigns 0 or 1.",
        "Write == to compare. Where assigning is meant: if ((pid = fork()) == 0), with the parentheses there.",
    ),
    "parentheses": _BRACES,
    "dangling-else": _BRACES,
    "misleading-indentation": _BRACES,
    "multistatement-macros": _BRACES,
    "empty-body": _Advice(
        "a semicolon ends the statement before its body",
        "The body does not depend on the condition: it is always done. A loop waits so for ever, using all of a CPU.",
        "Delete the semicolon behind the parenthesis.",
    ),
    "logical-not-parentheses": _Advice(
        "! applies to the left side only, not to the whole comparison",
        "!x == y compares 0 or 1 with y: the test for an error never comes true.",
        "Write x != y, or !(x == y).",
    ),
    "logical-op": _Advice(
        "this && or || always comes out the same, or says the same twice",
        "errno has one value only: (errno != EINTR || errno != EAGAIN) is always true.",
        "Did you mean the other of && and ||?",
    ),
    "duplicated-cond": _Advice(
        "the same condition is asked twice in a row",
        "The second branch is never taken: its error or signal is not handled.",
        "Which other value should the second one ask for?",
    ),
    "implicit-fallthrough": _Advice(
        "a case goes on into the next one",
        "Without break the code of the next case is done as well: a child does the parent's work, say.",
        "End it with break; or return. Where it is meant: __attribute__((fallthrough));",
    ),
    "switch": _Advice(
        "the switch leaves a value out",
        "Nothing is done for it.",
        "Add the missing case, or a default: that reports what must not happen.",
    ),
    "address": _Advice(
        "an address is compared where its contents are meant, or one that is never NULL is tested",
        'text == "quit" compares two addresses, and is never true.',
        'Write strcmp(text, "quit") == 0.',
    ),
    "unused-value": _Advice(
        "a value is computed and thrown away",
        "x == 3; compares and changes nothing.",
        "Did you mean = ? Or should the result be tested?",
    ),
    "bool-compare": _ALWAYS,
    "type-limits": _ALWAYS,
    "tautological-compare": _ALWAYS,
    "div-by-zero": _Advice("divides by zero", "The program ends by SIGFPE.", "Which value was meant there?"),
    "overflow": _Advice(
        "a number does not fit into its type",
        "Other bits than the ones meant are kept.",
        "Use a larger type: long, size_t, off_t.",
    ),
    "": _Advice("", "Most of what gcc warns of is a mistake.", "The name in [] can be looked up in gcc's manual."),
    "format-truncation": _TRUNCATED,
    "stringop-truncation": _TRUNCATED,
    "pointer-to-int-cast": _POINTER_CAST,
    "int-to-pointer-cast": _POINTER_CAST,
    "sign-compare": _Advice(
        "a signed and an unsigned number are compared",
        "The signed one is made unsigned first: the -1 of a failed read() becomes the largest number there is, so that"
        " read(...) < sizeof buffer is false exactly when it failed.",
        "Test for -1 first, in a ssize_t; then cast: (size_t)got < sizeof buffer.",
    ),
    "discarded-qualifiers": _Advice(
        "something const is passed where it may be changed",
        "Writing to a string literal ends the program by SIGSEGV.",
        "Declare the pointer as const char *, or copy the text into an array.",
    ),
    "char-subscripts": _Advice(
        "a char is used as an index",
        "char can be negative: bytes above 127 reach before the array.",
        "Cast it: array[(unsigned char)c].",
    ),
    "implicit-int": _Advice(
        "a declaration has no type",
        "C takes it for an int, which may be wrong.",
        "Write the type: int main(void), static void handler(int sig).",
    ),
    "missing-field-initializers": _Advice(
        "{} is not among the members that get a value",
        "It becomes 0. That is right for some; sem_flg 0 for instance means neither IPC_NOWAIT nor SEM_UNDO.",
        "Name the members: {.sem_num = 0, .sem_op = -1, .sem_flg = SEM_UNDO}.",
        "a member",
    ),
    "unused-but-set-variable": _Advice(
        "{} is given a value that nobody looks at",
        "If it holds the result of a system call, then the error that it tells of goes unnoticed.",
        "Test it: if (it == -1), report with perror() and end.",
        "a variable",
    ),
    "unused-function": _Advice(
        "{}() is never called",
        "A clean-up function or handler that is never installed or called does nothing.",
        "Where should it be called, or passed to sigaction()? If nowhere, delete it.",
        "a function",
    ),
    "unused-variable": _UNUSED,
    "unused-parameter": _UNUSED,
}
_RANK = {kind: rank for rank, kind in enumerate(ADVICE)}


# One kind to gcc, but two to a reader: told apart by how gcc's sentence begins.
_APART = {"suggest parentheses around assignment": "parentheses-assignment"}


@hookimpl
def grader_advise(submission: Submission, build: BuildObservation) -> Iterator[Finding]:
    """Translate the warnings of the plain build: they are the same in the others, or come of their flags."""
    if build.name != "plain":
        return
    # Kinds of the same advice are one note; each line is named once (a file that is in two programs is compiled twice).
    notes: dict[tuple[int, str], dict[tuple[str, int], tuple[Location, str, str]]] = {}
    for kind, place, text in _warnings(build.output, submission):
        kind = next((apart for start, apart in _APART.items() if text.startswith(start)), kind)  # noqa: PLW2901
        first = next((known for known, advice in ADVICE.items() if advice is ADVICE.get(kind)), "")
        seen = notes.setdefault((_RANK[first], first or kind), {})
        seen.setdefault((place.file, place.line), (place, kind, text))
    for key in sorted(notes, key=lambda key: key[0])[:MOST]:
        yield _note([notes[key][line] for line in sorted(notes[key])])


def _note(seen: Sequence[tuple[Location, str, str]]) -> Finding:
    place, kind, text = seen[0]
    advice = ADVICE.get(kind, ADVICE[""])
    quoted = _QUOTED.search(text)
    what = advice.what.replace("{}", quoted["name"]) if quoted else advice.what
    what = what.replace("{}()", advice.without).replace("{}", advice.without) or f"gcc warns: {text}"
    more = len(seen) - 1
    again = f", and the like at {more} more line{'s' if more > 1 else ''}" if more else ""
    return Finding(
        "warnings",
        f"{_at(place)}: {what}{again}",
        locations=tuple(place for place, _, _ in seen[:PLACES]),
        because=advice.because,
        hint=advice.hint,
        details=tuple(f"gcc at {_at(place)}: {text}" for place, _, text in seen[:PLACES]),
        data={"kinds": list(dict.fromkeys(kind for _, kind, _ in seen)), "lines": len(seen)},
    )


def _at(place: Location) -> str:
    return f"{place.file}:{place.line}"


def _warnings(output: bytes, submission: Submission) -> Iterator[tuple[str, Location, str]]:
    """(kind, place, gcc's sentence) of each warning about a submitted file.

    A warning inside of a system header is about the line from which its function was inlined.
    """
    function, inlined = "", None
    printed = output.decode("utf-8", "replace").translate(_STRAIGHT)
    for line in printed.split("\n", _LINES)[:_LINES]:
        entered = _FUNCTION.match(line)
        if entered:
            function, inlined = entered["function"], None
            continue
        within = _INLINED.match(line)
        if within:
            if within["file"] in submission.files:
                inlined = Location(within["file"], int(within["line"]), 0, within["function"])
            continue
        match = _WARNING.match(line)
        if match is None:
            if ": At top level:" in line:
                function, inlined = "", None
            continue
        if match["file"] in submission.files:
            place = Location(match["file"], int(match["line"]), int(match["column"] or 0), function)
        elif inlined is not None:
            place = inlined
        else:
            continue
        kind = _KIND.search(match["text"])
        yield (kind["kind"] if kind else ""), place, match["text"][:_LENGTH]
