"""The grammar of specs (section 5 of the design): text to :class:`Spec`, with the column of every complaint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from ptv_registry._spec import IDENT, KEYWORDS, MAX_DEPTH, MAX_TEXT, PYTHON_WORDS, Spec, Value, Written
from ptv_registry.errors import PtvError, SpecSyntaxError

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w./-]))
      | (?P<word>[A-Za-z0-9_][A-Za-z0-9_]*(?:[.-]+[A-Za-z0-9_]+)*)
      | (?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
      | (?P<mark>[()\[\],=:/])
    )""",
    re.VERBOSE,
)
_SPACE: Final = re.compile(r"\s*")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_PLAIN_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"'}


def parse(text: str | Spec | Mapping[str, object]) -> Spec:
    """The spec that a text (or its JSON form) stands for; a :class:`Spec` is returned as it is.

    Raises:
        SpecSyntaxError: the text is not a spec; ``error.fields["column"]`` counts from 1.
    """
    if isinstance(text, Spec):
        return text
    if isinstance(text, Mapping):
        return Spec.from_dict(text)
    value = parse_value(text)
    if not isinstance(value, Spec):
        raise _error(text, 0, "a spec starts with a component's name, as in resnet(model_depth=50)")
    return value


def parse_value(text: str) -> Value:
    """The value that a text stands for: what may stand right of ``=`` in a spec."""
    if not isinstance(text, str):
        raise SpecSyntaxError(f"a spec is a text, a Spec or its JSON form, not {type(text).__name__}")
    return _parse_text(text)


@lru_cache(maxsize=512)
def _parse_text(text: str) -> Value:
    if len(text) > MAX_TEXT or len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise SpecSyntaxError(f"the spec is longer than {MAX_TEXT // 1024} KiB")
    return _Parser(text).whole()


def _error(text: str, position: int, complaint: str) -> SpecSyntaxError:
    start, end = max(0, position - 40), position + 40
    excerpt = text[start:end].replace("\n", " ").replace("\t", " ")
    caret = " " * (position - start) + "^"
    return SpecSyntaxError(f"column {position + 1}: {complaint}\n  {excerpt}\n  {caret}", column=position + 1)


def _clipped(token: str) -> str:
    return repr(token if len(token) <= 60 else token[:57] + "...")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.kind = ""  # of the token at hand: number, word, string, mark or end
        self.token = ""
        self.start = 0
        self.end = 0
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self.text, self.end)
        if match:
            self.kind = match.lastgroup or ""
            self.token = match[self.kind]
            self.start, self.end = match.span(self.kind)
            return
        space = _SPACE.match(self.text, self.end)
        self.start = space.end() if space else self.end
        if self.start < len(self.text):
            char = self.text[self.start]
            unclosed = "the string is not closed" if char in "'\"" else f"{char!r} cannot stand here"
            raise _error(self.text, self.start, unclosed)
        self.kind, self.token = "end", ""

    def fail(self, complaint: str) -> SpecSyntaxError:
        found = "the end of the text" if self.kind == "end" else _clipped(self.token)
        return _error(self.text, self.start, f"{complaint}, found {found}")

    def take(self, mark: str) -> bool:
        if self.kind == "mark" and self.token == mark:
            self.advance()
            return True
        return False

    def whole(self) -> Value:
        value = self.value(1)
        if self.kind != "end":
            raise self.fail("expected nothing more")
        return value

    def value(self, depth: int) -> Value:
        if self.kind == "mark" and self.token == "[":
            self.check_depth(depth)
            self.advance()
            return self.items(depth)
        if self.kind == "string":
            return self.string()
        if self.kind == "number":
            return self.number()
        if self.kind == "word":
            return self.spec(depth)
        raise self.fail("expected a value (a name, number, string, list, none, true or false)")

    def check_depth(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _error(self.text, self.start, f"nested more than {MAX_DEPTH} deep")

    def items(self, depth: int) -> tuple[Value, ...]:
        items: list[Value] = []
        while not self.take("]"):
            items.append(self.value(depth + 1))
            if not self.take(","):
                if not self.take("]"):
                    raise self.fail("expected ',' or ']'")
                break
        return tuple(items)

    def number(self) -> int | float:
        text, start = self.token, self.start
        self.advance()
        try:
            number = int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
        except ValueError as error:  # int() refuses thousands of digits
            raise _error(self.text, start, "the number is too long") from error
        if number in (float("inf"), float("-inf")):
            raise _error(self.text, start, "the number is too large")
        return number

    def string(self) -> str:
        body, start = self.token[1:-1], self.start + 1
        self.advance()

        def unescaped(match: re.Match[str]) -> str:
            code = match[1] or match[2]
            if code and int(code, 16) <= 0x10FFFF:
                return chr(int(code, 16))
            if code or match[3] not in _PLAIN_ESCAPES:
                raise _error(self.text, start + match.start(), f"{match[0]!r} is not an escape")
            return _PLAIN_ESCAPES[match[3]]

        return _ESCAPE.sub(unescaped, body)

    def ident(self, what: str) -> str:
        if self.kind != "word" or not IDENT.match(self.token):
            raise self.fail(f"expected {what}")
        token = self.token
        self.advance()
        return token

    def spec(self, depth: int) -> Value:
        start, word = self.start, self.token
        if word not in KEYWORDS:
            self.check_depth(depth)
        self.advance()
        kind = dist = None
        if self.take(":"):
            kind = self.checked(word, start, "a kind")
            word, start = self.token, self.start
            if self.kind != "word":
                raise self.fail("expected a component's name")
            self.advance()
        start_of_name = start
        if self.take("/"):
            dist, start_of_name = word, self.start
            word = self.ident("a component's name")
        word = self.checked(word, start_of_name, "a component's name")
        if word in PYTHON_WORDS:
            raise _error(self.text, start_of_name, f"write {PYTHON_WORDS[word]}, not {word}")
        if word in KEYWORDS:
            if kind or dist or (self.kind == "mark" and self.token == "("):
                raise _error(self.text, start_of_name, f"{word} is a value, not a component")
            return KEYWORDS[word]
        args, columns = self.arguments(depth) if self.take("(") else ({}, {})
        try:
            return Spec(word, args, kind, dist, Written(self.text, start_of_name + 1, columns))
        except PtvError as error:
            raise _error(self.text, start, str(error)) from error

    def checked(self, word: str, start: int, what: str) -> str:
        if not IDENT.match(word):
            raise _error(self.text, start, f"{_clipped(word)} cannot be {what}; quote it if it is a string")
        return word

    def arguments(self, depth: int) -> tuple[dict[str, Value], dict[str, int]]:
        args: dict[str, Value] = {}
        columns: dict[str, int] = {}
        while not self.take(")"):
            start = self.start
            name = self.ident("an argument's name (arguments are given as name=value)")
            if name in args:
                raise _error(self.text, start, f"{name} is given twice")
            if not self.take("="):
                raise self.fail(f"expected '=' after {name} (arguments are given as name=value)")
            columns[name] = self.start + 1
            args[name] = self.value(depth + 1)
            if not self.take(","):
                if not self.take(")"):
                    raise self.fail("expected ',' or ')'")
                break
        return args, columns
