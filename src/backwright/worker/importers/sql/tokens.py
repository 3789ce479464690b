"""SQL text cut into statements and tokens, each with its line: strings, quoted names, dollar quotes and comments of both dialects. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.worker.importers.reading import Unreadable

MAX_TOKENS = 200_000
"""Of one statement that says what is stored; a thousand columns need a few thousand."""
_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
      | (?P<block>/\*)
      | (?P<dollar>\$(?:[A-Za-z_]\w*)?\$)
      | (?P<escaped>[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*')
      | (?P<string>(?:[nNbBxX]|[uU]&)?'[^']*(?:''[^']*)*')
      | (?P<quoted>"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|(?<=[\s(,.])\[[A-Za-z_][^\]'"\[]*\])
      | (?P<number>\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
      | (?P<word>[^\W\d][\w$]*)
      | (?P<sign>::|<=|>=|<>|!=|!~\*?|~\*|\|\||->>|->|@>|&&|.)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[^;'\"`$/\-]+")
_ROWS = re.compile(r"(?:INSERT|COPY|SELECT|UPDATE|DELETE|WITH|VALUES|MERGE|REPLACE)\b", re.IGNORECASE)
_BODY = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?(?:TEMP(?:ORARY)?\s+)?(?:TRIGGER|FUNCTION|PROCEDURE)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, name, text, number or sign."""

    kind: str
    """word, quoted, string, number or sign."""
    text: str
    """A quoted name and a string without their quotes; a word as it is written."""
    start: int
    end: int

    @property
    def word(self) -> str:
        """The word in capitals; nothing for anything else."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its semicolon."""

    tokens: tuple[Token, ...]
    line: int


class Script:
    """A text and where its lines begin. What a database says of itself has no lines: then each is 0."""

    def __init__(self, text: str, *, lines: bool = True) -> None:
        self.text, self.lines = text, lines
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def line(self, position: int) -> int:
        """The line of a position, from 1."""
        return bisect_right(self.starts, position) if self.lines else 0

    def statements(self) -> Iterator[Statement | Unreadable]:
        """Every statement, or why the text cannot be cut from there on. Of rows only the first tokens are kept."""
        position = 0
        while position < len(self.text):
            try:
                position = self._gap(position)
                tokens, after = self._statement(position)
            except Unreadable as error:
                yield error
                return
            if tokens:
                yield Statement(tuple(tokens), self.line(tokens[0].start))
            position = self._copied(tokens, after)

    def _gap(self, position: int) -> int:
        """Behind spaces, comments, semicolons and the commands of psql."""
        while position < len(self.text):
            found = _TOKEN.match(self.text, position)
            assert found is not None
            if found["block"]:
                position = self._comment(position)
            elif found["sign"] == "\\":
                position = self._line_end(position)
            elif found["space"] or found["sign"] == ";":
                position = found.end()
            else:
                return position
        return position

    def _statement(self, position: int) -> tuple[list[Token], int]:
        rows = _ROWS.match(self.text, position) is not None
        body = _BODY.match(self.text, position) is not None
        tokens: list[Token] = []
        depth = 0
        while position < len(self.text):
            if rows and len(tokens) > 8 and (plain := _PLAIN.match(self.text, position)) is not None:
                position = plain.end()
                continue
            token, position = self._token(position)
            if token is None:
                continue
            if token.kind == "sign" and token.text == ";" and depth <= 0:
                return tokens, position
            if body:
                depth += (token.word in ("BEGIN", "CASE")) - (token.word == "END")
            if not (rows and len(tokens) > 40):
                tokens.append(token)
            if len(tokens) > MAX_TOKENS:
                what = f"A statement of more than {MAX_TOKENS:,} words; nobody wrote that by hand."
                raise Unreadable(self.line(tokens[0].start), what, "Split it.")
        return tokens, position

    def _token(self, position: int) -> tuple[Token | None, int]:
        found = _TOKEN.match(self.text, position)
        assert found is not None
        kind, text, end = found.lastgroup or "", found.group(), found.end()
        if kind == "space":
            return None, end
        if kind == "block":
            return None, self._comment(position)
        if kind == "dollar":
            close = self.text.find(text, end)
            if close < 0:
                raise Unreadable(self.line(position), f"The text that {text} begins here never ends.", f"Close it with {text}.")
            return Token("string", self.text[end:close], position, close + len(text)), close + len(text)
        if kind in ("string", "escaped"):
            return Token("string", _unquoted(text, kind), position, end), end
        if kind == "quoted":
            close_ = "]" if text[0] == "[" else text[0]
            return Token("quoted", text[1:-1].replace(close_ * 2, close_), position, end), end
        if text in ("'", '"', "`"):
            raise Unreadable(self.line(position), f"The {'text' if text == chr(39) else 'name'} that {text} begins here never ends.",
                             f"Close it with {text}.")  # fmt: skip
        return Token(kind, text, position, end), end

    def _comment(self, position: int) -> int:
        """Comments nest, as PostgreSQL has it."""
        depth, at = 0, position
        for found in re.compile(r"/\*|\*/").finditer(self.text, position):
            depth += 1 if found.group() == "/*" else -1
            at = found.end()
            if depth == 0:
                return at
        raise Unreadable(self.line(position), "The comment that begins here never ends.", "Close it with */.")

    def _line_end(self, position: int) -> int:
        end = self.text.find("\n", position)
        return len(self.text) if end < 0 else end + 1

    def _copied(self, tokens: list[Token], after: int) -> int:
        """Behind the rows of ``COPY … FROM stdin``."""
        if not tokens or tokens[0].word != "COPY" or not any(t.word == "STDIN" for t in tokens):
            return after
        end = self.text.find("\n\\.", after)
        return len(self.text) if end < 0 else self._line_end(end + 1)


def _unquoted(text: str, kind: str) -> str:
    inner = text[text.index("'") + 1 : -1].replace("''", "'")
    return re.sub(r"\\(.)", r"\1", inner) if kind == "escaped" else inner


class Cursor:
    """Walks over the tokens of one statement."""

    def __init__(self, script: Script, tokens: tuple[Token, ...]) -> None:
        self.script, self.tokens, self.at = script, tokens, 0

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.tokens)

    @property
    def line(self) -> int:
        """The line of the next token, or of the last one."""
        return self.script.line(self.tokens[min(self.at, len(self.tokens) - 1)].start)

    def peek(self, ahead: int = 0) -> str:
        """The word or sign that comes, in capitals; nothing for names in quotes, texts and numbers."""
        if self.at + ahead >= len(self.tokens):
            return ""
        token = self.tokens[self.at + ahead]
        return token.word or (token.text if token.kind == "sign" else "")

    def accept(self, *words: str) -> bool:
        """Take these words if they come next, in this order."""
        if all(self.peek(n) == word for n, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        """The same, where nothing else may come. Raises `Unreadable`."""
        if not self.accept(*words):
            self.wrong(f"{' '.join(words)} is expected here, and {self.shown()} stands there.")

    def wrong(self, what: str, mend: str = "Correct the statement.") -> None:
        """Raises `Unreadable` at the next token."""
        raise Unreadable(self.line, what, mend)

    def shown(self) -> str:
        """What comes next, for messages."""
        if self.over:
            return "nothing"
        token = self.tokens[self.at]
        text = self.script.text[token.start : token.end]
        return text if len(text) <= 30 else text[:29] + "…"

    def token(self) -> Token:
        """Take whatever comes. Raises `Unreadable` at the end."""
        if self.over:
            self.wrong("The statement ends too early.")
        self.at += 1
        return self.tokens[self.at - 1]

    def skip_group(self) -> str:
        """Take a group in round brackets; its inner text as it is written."""
        self.expect("(")
        start, depth = self.tokens[self.at - 1].end, 1
        while depth:
            token = self.token()
            if token.kind == "sign":
                depth += (token.text in "([") - (token.text in ")]")
        return self.script.text[start : self.tokens[self.at - 1].start].strip()

    def until(self, stop: frozenset[str], *, least: int = 1) -> str:
        """Take an expression: up to a comma, a closing bracket or a word of `stop` outside brackets; at least so many tokens."""
        begin, depth = self.at, 0
        while not self.over:
            text = self.peek()
            if depth == 0 and self.at - begin >= least and (text in (",", ")") or text in stop):
                break
            if text in ("(", "["):
                depth += 1
            elif text in (")", "]"):
                if depth == 0:
                    break
                depth -= 1
            self.at += 1
        if begin == self.at:
            self.wrong(f"An expression is expected here, and {self.shown()} stands there.")
        return self.script.text[self.tokens[begin].start : self.tokens[self.at - 1].end]
