"""The gate for what touches sign-in, rules or secrets: what changed in the access table, in rules, in how people sign in. Pure.

It reads a project's source before and after, and judges what became wider. What the design opened on a new project was agreed to with the
plan; what opens later on a project in use blocks until the security-auditor has answered.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

FILES = ("access.py", "sign_in.py", "app.py", "model.py")
FOLDERS = ("rules/",)
STANDARDS = ("access.", "code.secrets", "code.dependencies")
_PUBLIC = "anyone"
_SIGNED_IN = "signed_in"
_SETTINGS = frozenset(
    {"sign_in", "tokens", "sessions", "secret_key", "cors", "csrf", "trusted_proxies", "tiers", "limits", "headers", "caller_freshness"}
)
_SECRET = ("Secret", "Password", "Hashed", "Encrypted", "Hidden")
_WRITES = ("write", "create", "update", "delete", "call")


@dataclass(frozen=True, slots=True)
class Surface:
    """What decides who may do what, as it stands in the source: subject → how it is written."""

    access: Mapping[str, str] = field(default_factory=dict[str, str])
    """``Book.write`` → the name of the rule."""
    rules: Mapping[str, str] = field(default_factory=dict[str, str])
    """Function → its body, without comments and docstring."""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    """``Customer.password`` → its type."""

    @property
    def empty(self) -> bool:
        """Nothing was there."""
        return not (self.access or self.rules or self.settings or self.secrets)


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference that matters, and whether it lets somebody in who was kept out before."""

    kind: str
    subject: str
    was: str
    now: str
    wider: str = ""
    """Why it is wider; empty when it is not."""

    def __str__(self) -> str:
        words = f"{self.kind} {self.subject}: {_short(self.was) or 'nothing'} → {_short(self.now) or 'nothing'}"
        return f"{words} ({self.wider})" if self.wider else words


@dataclass(frozen=True, slots=True)
class Review:
    """What the deterministic reviewer found."""

    new: bool
    """The project had none of it before."""
    changes: tuple[Changed, ...]
    failing: tuple[str, ...]
    """Claims about access and secrets that do not hold."""

    @property
    def needed(self) -> bool:
        """Whether sign-in, rules or secrets were touched."""
        return bool(self.changes or self.failing)

    @property
    def wider(self) -> tuple[Changed, ...]:
        """What somebody has to answer for before the delivery may be completed."""
        return () if self.new else tuple(one for one in self.changes if one.wider)

    @property
    def verdict(self) -> str:
        """In a word or two."""
        if not self.needed:
            return "not needed"
        return "open" if self.wider or self.failing else "passed"


def watched(path: str) -> bool:
    """Whether a file can hold anything of this."""
    return path in FILES or (path.startswith(FOLDERS) and path.endswith(".py"))


def surface(texts: Mapping[str, str]) -> Surface:
    """What the source says. A file that does not parse says nothing: its rules then count as gone."""
    access: dict[str, str] = {}
    rules: dict[str, str] = {}
    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for path in sorted(filter(watched, texts)):
        try:
            tree = ast.parse(texts[path])
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                access.update(_allowed(node))
                settings.update(_set(node))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and path != "model.py":
                rules[f"{path}:{node.name}"] = _body(node)
            elif isinstance(node, ast.ClassDef) and path == "model.py":
                secrets.update(_secret(node))
    return Surface(access, rules, settings, secrets)


def changes(before: Surface, after: Surface) -> tuple[Changed, ...]:
    """Every difference between the two."""
    kinds = (
        ("access", before.access, after.access), ("rule", before.rules, after.rules), ("setting", before.settings, after.settings),
        ("secret", before.secrets, after.secrets),
    )  # fmt: skip
    found: list[Changed] = []
    for kind, was, now in kinds:
        pairs = [(subject, was.get(subject, ""), now.get(subject, "")) for subject in sorted({*was, *now})]
        found += [Changed(kind, subject, one, other, _wider(kind, subject, one, other)) for subject, one, other in pairs if one != other]
    return tuple(found)


def review(before: Surface, after: Surface, verdicts: Mapping[str, tuple[bool, str]]) -> Review:
    """Judge a delivery. ``verdicts`` are the standards measured: id → whether it holds, and what was found."""
    failing = [f"{standard}: {found}" for standard, (good, found) in verdicts.items() if not good and standard.startswith(STANDARDS)]
    return Review(before.empty, changes(before, after), tuple(failing))


def markdown(found: Review) -> str:
    """The review for people."""
    lines = ["# Security review", "", f"By the deterministic reviewer: **{found.verdict}**.", ""]
    if found.new:
        lines += ["The project is new: what it opens was agreed to with the plan.", ""]
    lines += [f"* {one}" for one in found.changes] or ["Sign-in, rules and secrets were not touched."]
    if found.failing:
        lines += ["", "## Claims that do not hold", "", *(f"* {one}" for one in found.failing)]
    return "\n".join(lines) + "\n"


def _wider(kind: str, subject: str, was: str, now: str) -> str:
    if kind == "access" and now == _PUBLIC and subject.endswith(_WRITES):
        return "anybody may do it without signing in"
    if kind == "access" and now == _PUBLIC and was:
        return "anybody may read it without signing in"
    if kind == "access" and now == _SIGNED_IN and was not in ("", _PUBLIC):
        return "a rule fell away: whoever signs in may do it"
    if kind == "secret" and was and not now:
        return "it is no secret any more"
    if kind == "setting" and subject == "sign_in" and was and not now:
        return "nobody signs in any more"
    return ""


def _allowed(node: ast.Call) -> Iterator[tuple[str, str]]:
    if isinstance(node.func, ast.Name) and node.func.id == "allow" and node.args:
        target = ast.unparse(node.args[0])
        for keyword in node.keywords:
            if keyword.arg:
                yield f"{target}.{keyword.arg}", ast.unparse(keyword.value)


def _set(node: ast.Call) -> Iterator[tuple[str, str]]:
    if isinstance(node.func, ast.Name) and node.func.id in ("App", "Password", "Rest"):
        for keyword in node.keywords:
            if keyword.arg in _SETTINGS:
                yield (keyword.arg if node.func.id == "App" else f"{node.func.id}.{keyword.arg}"), ast.unparse(keyword.value)


def _secret(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            written = ast.unparse(one.annotation)
            if any(word in written for word in _SECRET):
                yield f"{node.name}.{one.target.id}", written


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return f"({ast.unparse(node.args)}) {'; '.join(' '.join(ast.unparse(one).split()) for one in body)}"


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


def texts_of(files: Iterable[str]) -> list[str]:
    """Those of the files that the review reads."""
    return [path for path in files if watched(path)]
