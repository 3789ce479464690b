"""code.secrets: no key, password or token stands in the files; what must stay secret is declared so; passwords are kept as hashes."""

import ast
import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from backwright.worker.prove import process, tree
from backwright.worker.prove.checks.source import Breach, Module, entities, judged, last, modules
from backwright.worker.prove.faults import Edit, NothingToPlant, Plant, add
from backwright.worker.prove.standard import Standard
from backwright.worker.prove.target import Target
from backwright.worker.prove.verdict import Finding

_KNOWN = {
    "a private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Stripe key": r"\b[sr]k_live_[A-Za-z0-9]{16,}",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a SendGrid key": r"\bSG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{30,}",
    "a model provider's key": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}",
}
_PATTERNS = {what: re.compile(pattern) for what, pattern in _KNOWN.items()}
_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@'\"<>]+:(?P<secret>[^\s@/'\"<>]+)@(?P<host>[^\s:/'\"<>]+)")
_NAME = r"(?:[A-Za-z0-9_.-]*[_.-])?(?:password|passwd|passphrase|secret|secret[_-]?key|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|token)"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
_SETTING = re.compile(
    rf"^\s*(?:export\s+)?[\"']?(?P<name>{_NAME})[\"']?\s*[:=]\s*[\"']?(?P<secret>[^\s\"'#]+)", re.IGNORECASE | re.MULTILINE
)
_SETTINGS_FILE = re.compile(r"(^|/)(\.env[^/]*|[^/]*\.(env|ini|cfg|conf|toml|properties|tfvars))$|(^|/)(docker-)?compose[^/]*\.ya?ml$")
_PLACEHOLDER = re.compile(
    r"^$|[<>{}$%*]|\.\.\.|change.?me|example|placeholder|dummy|your[-_]|^x+$|^none$|^null$|^true$|^false$|^test|required|insert|redacted|^env:", re.I
)  # fmt: skip
_LOCAL = re.compile(
    r"^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|db|database|postgres|redis|.*\.(example|test|invalid|local|internal)|example\.(com|org|net))$",
    re.I,
)
_STORED = re.compile(r"(^|_)(password|passwd|passphrase|secret|token|api_?key|private_key|pin_code|cvv|recovery_codes?)(_hash|_digest)?$")
_IN_THE_CLEAR = re.compile(r"(^|_)(password|passwd|passphrase)$")
_FAST = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256", "sha3_512"})


def secrets(target: Target) -> Finding:
    """Read every text file of the project (in a git repository: those it tracks or would track)."""
    names = _listed(target.dir)
    breaches: list[Breach] = []
    read = 0
    for name in names:
        text = _text(target.dir / name)
        if text is not None:
            read += 1
            breaches += _in_text(name, text)
    own = modules(target.dir)
    breaches += [breach for module in own for breach in _in_code(module)]
    fields, wrong = _fields(own)
    breaches = sorted(set(breaches + wrong), key=str)
    sentence = f"no secret in {read} files; {fields} fields that must stay secret are declared so"
    return judged(breaches, sentence, names, {"files": read, "secret_fields": fields})


def _listed(folder: Path) -> list[str]:
    ours = tree.files(folder)
    try:
        ran = process.run(["git", "ls-files", "-co", "--exclude-standard", "-z", "."], folder, timeout=20, separate=True)
    except (OSError, subprocess.SubprocessError):
        return ours
    tracked = {name for name in ran.output.split("\0") if name}
    return [name for name in ours if name in tracked] if ran.status == 0 and tracked else ours


def _text(place: Path) -> str | None:
    try:
        data = place.read_bytes()
    except OSError:
        return None
    return None if b"\0" in data[:8192] else data.decode("utf-8", "replace")


def _in_text(name: str, text: str) -> Iterator[Breach]:
    for what, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            yield Breach(name, _line(text, match.start()), f"{what} stands in the file: {_masked(match.group())}")
    tests = name.startswith("tests/")
    for match in _IN_URL.finditer(text):
        if not (tests or _LOCAL.search(match["host"]) or _PLACEHOLDER.search(match["secret"]) or _SECRET_NAME.fullmatch(match["secret"])):
            yield Breach(name, _line(text, match.start()), f"a password stands in a URL: {_masked(match['secret'])}")
    if _SETTINGS_FILE.search(name) and not tests:
        for match in _SETTING.finditer(text):
            if _looks_secret(match["name"], match["secret"]):
                yield Breach(name, _line(text, match.start()), f"{match['name']} is given in the file: {_masked(match['secret'])}")


def _in_code(module: Module) -> Iterator[Breach]:
    for node in ast.walk(module.tree):
        for name, value in _given(node):
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and _looks_secret(name, value.value):
                yield module.breach(value, f"{name} is given in the code: {_masked(value.value)}")
        if isinstance(node, ast.Call) and last(node.func) in _FAST and any(_IN_THE_CLEAR.search(_names(a)) for a in node.args):
            yield module.breach(node, f"a password is hashed with {last(node.func)}, which is too fast: use argon2id")


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(node, ast.Assign):
        yield from ((last(target), node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign):
        yield last(node.target), node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        yield from ((str(k.value), v) for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant))


def _fields(own: list[Module]) -> tuple[int, list[Breach]]:
    """How many fields must stay secret, and those that are not declared so."""
    found = 0
    wrong: list[Breach] = []
    for module, entity in entities(own):
        for node in entity.body:
            if not isinstance(node, ast.AnnAssign) or not _STORED.search(name := last(node.target)) or not _is_text(node.annotation):
                continue
            found += 1
            if _IN_THE_CLEAR.search(name):
                wrong.append(module.breach(node, f"{entity.name}.{name} would keep a password as it is: keep its hash, as Account does"))
            elif "Secret" not in {last(part) for part in ast.walk(node.annotation) if isinstance(part, ast.expr)}:
                wrong.append(module.breach(node, f"{entity.name}.{name} can be read by clients: declare it Secret[...]"))
    return found, wrong


def _is_text(annotation: ast.expr) -> bool:
    return bool({last(part) for part in ast.walk(annotation) if isinstance(part, ast.expr)} & {"str", "bytes"})


def _looks_secret(name: str, value: str) -> bool:
    if not _SECRET_NAME.fullmatch(name) or _PLACEHOLDER.search(value) or re.search(r"\s|://|^/", value) or len(value) < 6:
        return False
    if "pass" in name.lower():
        return not _SECRET_NAME.fullmatch(value)
    return (
        len(value) >= 8
        and _entropy(value) >= 2.75
        and not re.fullmatch(r"[a-z]+([_.-][a-z]+)*|[A-Z]+([_-][A-Z]+)*|[A-Z][a-z]+([A-Z-]+[a-z]+)*", value)
    )


def _entropy(value: str) -> float:
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _names(node: ast.expr) -> str:
    words = [last(part) for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)]
    return next((word for word in words if _IN_THE_CLEAR.search(word)), "")


def _masked(value: str) -> str:
    return f"{value[:4]}… ({len(value)} characters)" if len(value) > 12 else f"({len(value)} characters)"


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _readable_password(copy: Path) -> None:
    for place in sorted(copy.rglob("*.py")):
        text = place.read_text(encoding="utf-8")
        if re.search(r"\(Entity\)|\(Account\)", text) and "tests" not in place.relative_to(copy).parts:
            shown = "\n\nclass Planted(Entity):\n    password: str\n"
            place.write_text(
                text + ("" if re.search(r"\bEntity\b", text) else "\nfrom backwright import Entity\n") + shown, encoding="utf-8"
            )
            return
    raise NothingToPlant("no entity is declared here")


PLANTS = (
    Plant(
        "key-in-code",
        "code.secrets",
        "a signing key written into the code",
        add("planted_settings.py", 'SECRET_KEY = "q9X' + 'v71LpZ0aTn3Rw8Bc5"\n'),
    ),
    Plant("cloud-key", "code.secrets", "a cloud access key in a note", add("planted_notes.md", "deploy with AKIA" + "Q3EGR7XWPLM2ZT5N\n")),
    Plant(
        "password-in-url",
        "code.secrets",
        "a database password in an address",
        add("planted.toml", 'at = "postgresql://shop:s3cr' + 'etpw@db.shop.io/shop"\n'),
    ),
    Plant(
        "password-in-the-clear",
        "code.secrets",
        "an entity that keeps passwords as they are",
        Edit("a file that declares an entity", _readable_password),
    ),
)

SECRETS = Standard(
    id="code.secrets",
    sentence="No secret stands in the files, fields that must stay secret are declared so, and passwords are kept as hashes.",
    why="What is in a repository is read by everybody who ever gets a copy of it.",
    check=secrets,
    inputs=("**",),
    plants=PLANTS,
)
