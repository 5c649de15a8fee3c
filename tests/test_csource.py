"""C as tokens: lines and columns as the compiler counts them, whatever stands between."""

from __future__ import annotations

import pytest

from grader.csource import LIMIT, CSource


def texts(source: str) -> list[str]:
    return [token.text for token in CSource(source.encode()).tokens]


def test_tokens_know_their_place_and_kind() -> None:
    source = CSource(b'int\tmain(void) {\n  puts("a\\"b" /* c\n */);\n}\n')
    puts = source.tokens[6]
    assert (puts.text, puts.kind, puts.line, puts.column, puts.sure) == ("puts", "name", 2, 3, True)
    assert source.tokens[8].text == '"a\\"b"'
    assert (source.tokens[9].text, source.tokens[9].line, source.tokens[9].column) == (")", 3, 4)
    assert source.is_call(6)
    assert not source.is_call(0)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a->b++ <<= 0x1.fp+3", ["a", "->", "b", "++", "<<=", "0x1.fp+3"]),
        ("a // b \\\n c\nd", ["a", "d"]),
        ("a \\\n b", ["a", "b"]),
        ("'\\'' u8\"x\" L'y'", ["'\\''", 'u8"x"', "L'y'"]),
        ('"open\nnext', ['"open', "next"]),
        ("/* open", []),
        ("#define X /* a\n b */ c \\\n d\ne", ["e"]),
        ("a # b\nc", ["a", "c"]),
        ("#if 0\na\n#elif B\nb\n#else\nc\n#endif\nd", ["b", "d"]),
        ("#if A\na\n#if 0\nb\n#endif\n#else\nc\n#endif\nd", ["a", "d"]),
        ("#if 0\n#if 1\na\n#else\nb\n#endif\n#endif\nc", ["c"]),
        ("#endif\n#else\n#\n#1\na", ["a"]),
        ("a\0b", ["a", "\0", "b"]),
    ],
)
def test_what_is_code(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


def test_what_may_not_be_compiled_is_not_sure() -> None:
    source = CSource(b"a\n#ifdef X\nb\n#else\nc\n#endif\n#if 1\nd\n#endif\n#if 0\n#else\ne\n#endif\n")
    assert [(token.text, token.sure) for token in source.tokens] == [
        ("a", True),
        ("b", False),
        ("d", True),
        ("e", True),
    ]


@pytest.mark.parametrize(
    ("head", "name", "parameters"),
    [
        ("int main(int argc, char *argv[])", "main", ("argc", "argv")),
        ("static void on(int sig, void (*f)(int))", "on", ("sig", "f")),
        ("void (*install(int n, void (*f)(int)))(int)", "install", ("n", "f")),
        ("int f(void) __attribute__((noreturn))", "f", ("void",)),
        ("int f()", "f", ()),
        ("void g(struct sigaction *a, const char *const s)", "g", ("a", "s")),
    ],
)
def test_functions_have_a_name_and_parameters(head: str, name: str, parameters: tuple[str, ...]) -> None:
    source = CSource(f"int x = 3; int y[] = {{1, 2}}; struct s {{ int a; }};\n{head}\n{{\n  g();\n}}\n".encode())
    (function,) = source.functions
    assert (function.name, function.parameters, function.line) == (name, parameters, 2)
    assert source.function_at(4, 3) == function
    assert source.function_at(3, 1) == function
    assert source.function_at(1, 1) is None
    assert source.function_at(6, 1) is None


def test_arguments_are_parted_at_their_own_commas() -> None:
    source = CSource(b"f(a, g(b, c), {d, e}, h[1, 2])")
    assert [source.text(part) for part in source.parts(1)] == ["a", "g(b,c)", "{d,e}", "h[1,2]"]
    assert CSource(b"f()").parts(1) == []


@pytest.mark.parametrize("unit", ["(", ")", "{", "}", "[", "f(", "f(){", "(}", "{)", "a)(", "void(*f(int))(int){}"])
def test_brackets_that_do_not_match_are_survived(unit: str) -> None:
    source = CSource(unit.encode() * 100_000)
    assert len(source.tokens) == LIMIT
    for index, partner in enumerate(source.match):
        assert partner == -1 or source.match[partner] == index


@pytest.mark.parametrize("unit", [b"x", b"\\\n", b"#if 1\n", b"#/*", b'"', b"'", b"//", b"1e+", b"\xff", b'\n#"/*'])
def test_a_mebibyte_of_anything_has_a_bounded_number_of_tokens(unit: bytes) -> None:
    source = CSource(unit * ((1 << 20) // len(unit)))
    assert len(source.tokens) <= LIMIT
    assert source.functions == ()
