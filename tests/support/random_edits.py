"""What people do to generated files, at random: each edit changes a folder's texts and says what it is called."""

import ast
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_TOP = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class Hand:
    """Somebody at work on a folder."""

    dice: random.Random
    files: dict[str, str]
    ours: Mapping[str, str]
    """What the design becomes meanwhile: to edit the very same lines."""
    done: list[str] = field(default_factory=list[str])
    laid_out: set[str] = field(default_factory=set[str])
    """Files in which more was changed than lines: layout, line ends, place."""
    number: int = 0

    def edit(self) -> None:
        """One more edit."""
        self.number += 1
        kind = self.dice.choice(EDITS)
        if kind(self):
            self.done.append(kind.__name__.strip("_"))

    @property
    def mark(self) -> str:
        """Words that nobody else writes."""
        return f"mine_{self.number}_{self.dice.randint(0, 999)}"

    def python(self) -> str:
        """A Python file with something in it."""
        return self.dice.choice([path for path, text in self.files.items() if path.endswith(".py") and text.count("\n") > 4])

    def top(self, path: str) -> list[tuple[int, int, ast.stmt]]:
        """Its definitions, each with its first line and the one behind its last."""
        nodes = [n for n in ast.parse(self.files[path].removeprefix("\ufeff")).body if isinstance(n, _TOP)]
        return [(min([n.lineno, *(d.lineno for d in n.decorator_list)]) - 1, n.end_lineno or n.lineno, n) for n in nodes]

    def lines(self, path: str) -> list[str]:
        """Its lines."""
        return self.files[path].split("\n")

    def put(self, path: str, lines: list[str]) -> bool:
        """Save it, if it can still be read."""
        text = "\n".join(lines)
        if path.endswith(".py"):
            try:
                compile(text.removeprefix("\ufeff"), path, "exec")
            except SyntaxError:
                return False
        self.files[path] = text
        return True


def _comment(hand: Hand) -> bool:
    path = hand.python()
    lines = hand.lines(path)
    at = hand.dice.randrange(len(lines))
    indent = re.match(r"\s*", lines[at])
    lines.insert(at, f"{indent[0] if indent else ''}# {hand.mark}")
    return hand.put(path, lines)


def _trailing_comment(hand: Hand) -> bool:
    path = hand.python()
    lines = hand.lines(path)
    at = hand.dice.randrange(len(lines))
    if not lines[at].strip() or '"""' in lines[at]:
        return False
    lines[at] += f"  # {hand.mark}"
    return hand.put(path, lines)


def _body(hand: Hand) -> bool:
    path = hand.python()
    functions = [(first, end, n) for first, end, n in hand.top(path) if not isinstance(n, ast.ClassDef)]
    if not functions:
        return False
    _, end, node = hand.dice.choice(functions)
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    last = node.body[-1]
    lines = hand.lines(path)
    mark = hand.mark
    lines[last.lineno - 1 : end] = [f"    {mark} = 1", f"    if {mark}:", f'        raise RuntimeError("{mark}")']
    return hand.put(path, lines)


def _function(hand: Hand) -> bool:
    path = hand.python()
    lines, places = hand.lines(path), hand.top(path)
    at = hand.dice.choice([first for first, _, _ in places] or [len(lines) - 1])
    lines[at:at] = [f"def {hand.mark}(value: int) -> int:", '    """Mine."""', f"    return value + {hand.number}", "", ""]
    return hand.put(path, lines)


def _reorder(hand: Hand) -> bool:
    path = hand.python()
    places = hand.top(path)
    if len(places) < 2 or path == "model.py":
        return False
    (a, b, _), (c, d, _) = sorted(hand.dice.sample(places, 2), key=lambda place: place[0])
    lines = hand.lines(path)
    return hand.put(path, lines[:a] + lines[c:d] + lines[b:c] + lines[a:b] + lines[d:])


def _rename_local(hand: Hand) -> bool:
    path = hand.python()
    functions = [(first, end, n) for first, end, n in hand.top(path) if not isinstance(n, ast.ClassDef)]
    used = [(first, end, n) for first, end, function in functions for n in ast.walk(function) if isinstance(n, ast.Name)]
    names = [(first, end, n.id) for first, end, n in used if isinstance(n.ctx, ast.Store)]
    if not names:
        return False
    first, end, name = hand.dice.choice(names)
    lines = hand.lines(path)
    mark = hand.mark
    lines[first:end] = [re.sub(rf"(?<![\w.\"']){name}(?![\w\"'])(?!=[^=])", mark, line) for line in lines[first:end]]
    return hand.put(path, lines)


def _delete_function(hand: Hand) -> bool:
    path = hand.python()
    places = hand.top(path)
    if not places:
        return False
    first, end, _ = hand.dice.choice(places)
    lines = hand.lines(path)
    return hand.put(path, lines[:first] + lines[end:])


def _layout(hand: Hand) -> bool:
    path = hand.python()
    places = hand.top(path)
    if not places:
        return False
    first, end, node = hand.dice.choice(places)
    lines = hand.lines(path)
    if any("#" in line for line in lines[first:end]):
        return False
    hand.laid_out.add(path)
    return hand.put(path, lines[:first] + ast.unparse(node).split("\n") + lines[end:])


def _import(hand: Hand) -> bool:
    path = hand.python()
    lines = hand.lines(path)
    nodes = [n.lineno - 1 for n in ast.parse(hand.files[path].removeprefix("\ufeff")).body if isinstance(n, ast.Import | ast.ImportFrom)]
    if not nodes:
        return False
    at = hand.dice.choice(nodes)
    lines[at:at] = [f"import math as {(mark := hand.mark)}"]
    return hand.put(path, [*lines[:-1], "", "", f"{mark}_value = {mark}.pi", *lines[-1:]])


def _same_line(hand: Hand) -> bool:
    both = [p for p in hand.files if p in hand.ours and p.endswith(".py")]
    changed = [(p, n) for p in both for n, line in enumerate(hand.lines(p)) if line.strip() and line not in hand.ours[p].split("\n")]
    if not changed:
        return False
    path, at = hand.dice.choice(changed)
    lines = hand.lines(path)
    if '"""' in lines[at] or lines[at].rstrip().endswith("\\"):
        return False
    lines[at] += f"  # {hand.mark}"
    return hand.put(path, lines)


def _field(hand: Hand) -> bool:
    classes = [(first, end, n) for first, end, n in hand.top("model.py") if isinstance(n, ast.ClassDef) and "Enum" not in ast.dump(n)]
    if not classes:
        return False
    _, end, node = hand.dice.choice(classes)
    lines = hand.lines("model.py")
    at = hand.dice.choice([*(s.lineno - 1 for s in node.body if isinstance(s, ast.AnnAssign)), end])
    lines.insert(at, f"    {hand.mark}: int = {hand.number}")
    return hand.put("model.py", lines)


def _grant(hand: Hand) -> bool:
    lines = hand.lines("access.py")
    at = [n for n, line in enumerate(lines) if line.startswith("    allow(")]
    if not at:
        return False
    lines.insert(hand.dice.choice(at), f'    allow("{hand.mark}", call=anyone),')
    return hand.put("access.py", lines)


def _prose(hand: Hand) -> bool:
    path = hand.dice.choice(["README.md", ".gitignore", "pyproject.toml"])
    lines = hand.lines(path)
    lines.insert(hand.dice.randrange(len(lines)), f"# {hand.mark}")
    return hand.put(path, lines)


def _delete_line(hand: Hand) -> bool:
    path = hand.python()
    lines = hand.lines(path)
    del lines[hand.dice.randrange(len(lines))]
    return hand.put(path, lines)


def _line_ends(hand: Hand) -> bool:
    path = hand.python()
    hand.laid_out.add(path)
    hand.files[path] = hand.files[path].replace("\r\n", "\n").replace("\n", "\r\n")
    return True


def _blank_lines(hand: Hand) -> bool:
    path = hand.python()
    lines = hand.lines(path)
    at = hand.dice.choice([n for n, line in enumerate(lines) if not line.strip()])
    lines[at:at] = ["", ""]
    return hand.put(path, lines)


def _no_last_feed(hand: Hand) -> bool:
    path = hand.dice.choice(["README.md", hand.python()])
    hand.files[path] = hand.files[path].rstrip("\n")
    return True


def _mark_of_order(hand: Hand) -> bool:
    path = hand.python()
    hand.laid_out.add(path)
    hand.files[path] = "\ufeff" + hand.files[path].removeprefix("\ufeff")
    return True


def _delete_file(hand: Hand) -> bool:
    del hand.files[hand.dice.choice([path for path in hand.files if path.startswith("tests/api/")] or ["README.md"])]
    return True


def _move_function(hand: Hand) -> bool:
    path = hand.python()
    places = [place for place in hand.top(path) if not isinstance(place[2], ast.ClassDef)]
    if not places or path == "app.py":
        return False
    first, end, node = hand.dice.choice(places)
    lines = hand.lines(path)
    new = f"{hand.mark}.py"
    hand.files[new] = "\n".join([*lines[first:end], ""])
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return hand.put(path, [*lines[:first], f"from {new.removesuffix('.py')} import {node.name}", *lines[end:]])


EDITS: list[Callable[[Hand], bool]] = [
    _comment, _comment, _trailing_comment, _body, _body, _function, _function, _reorder, _rename_local, _delete_function, _layout,
    _import, _same_line, _same_line, _same_line, _field, _field, _grant, _prose, _delete_line, _line_ends, _blank_lines, _no_last_feed,
    _mark_of_order, _delete_file, _move_function,
]  # fmt: skip
