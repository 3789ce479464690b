"""What a function decides, line by line: comparisons of domain data, arithmetic on it, queries, loops over rows, transactions.

Named after what the text shows, not what it means: requests, responses, paging, empty values and errors are not domain data.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

from backwright.worker.symbols.syntax import Call, call, every, literal, text_of


class Reason(StrEnum):
    """What a line does that belongs in a service."""

    DECISION = "decides on domain data"
    ARITHMETIC = "computes with domain data"
    QUERY = "asks the database"
    SQL = "holds SQL"
    LOOP = "works through rows"
    TRANSACTION = "holds a transaction"


WEIGHTS = {Reason.DECISION: 2, Reason.ARITHMETIC: 2, Reason.QUERY: 1, Reason.SQL: 2, Reason.LOOP: 2, Reason.TRANSACTION: 2}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line that shows it."""

    line: int
    reason: Reason
    text: str


_BINARY = frozenset({"comparison_operator", "binary_expression", "binary", "binary_operator"})
_CHOICES = {"match_statement": "subject", "switch_statement": "", "expression_switch_statement": "value", "switch_expression": "",
            "match_expression": "condition", "when_expression": "", "case": "value"}  # fmt: skip
_LOOPS = frozenset({"for_statement", "for_in_statement", "enhanced_for_statement", "foreach_statement", "while_statement"})
_ORDER = frozenset({"<", ">", "<=", ">=", "<=>"})
_EQUAL = frozenset({"==", "===", "!=", "!=="})
_AMONG = frozenset({"in", "not in"})
_SUMS = frozenset({"+", "-", "*", "/", "%", "//", "**"})
_EACH = frozenset({"each", "forEach", "map", "filter", "reduce", "select", "reject", "sum", "inject", "find_each"})
_PLUMBING = frozenset({
    "req", "request", "res", "response", "resp", "ctx", "context", "c", "w", "r", "err", "error", "e", "ex", "exc", "process", "settings",
    "config", "logger", "log", "sys", "os", "typeof", "math", "http", "status", "statuscode", "reply", "modelstate", "console", "next",
    "env", "app", "datetime", "time", "timezone", "timedelta", "date", "path",
})  # fmt: skip
_DATA = re.compile(r"\b(body|data|params|query|json|form|validated_data|cleaned_data|input|payload|post)\b", re.I)
_PAGING = re.compile(
    r"^(page\w*|limit|offset|skip|take|per_?page|size|count|index|idx|i|j|n|len|length|start|end|num_?pages|cursor|depth|level|version|width|"
    r"height|timeout|port|retries|attempt\w*|method|status_?code|code|type|kind|format|mode|locale|lang|env|name|key|path|url|host|scheme|"
    r"content_type|action|ext|extension|token|header|headers)$", re.I,
)  # fmt: skip
_NOTHING = re.compile(r"^(None|null|nil|undefined|True|False|true|false|''|\"\"|\[\]|\{\}|0|-1)$")
_MEMBER = re.compile(r"^[@$\w]+(\(\))?((\??\.|->|::|\?->)[\w$]+(\([^()]*\))?|\[[^\]]+\])+$")
_WORD = re.compile(r"^[@$]?[A-Za-z_]\w*$")
_CONDITION = frozenset({
    "where", "filter", "filter_by", "having", "join", "outerjoin", "order_by", "exclude", "and_", "or_", "Where", "find_by", "on", "find",
    "findOne", "find_all", "exists", "count", "get",
})  # fmt: skip
_QUERY = re.compile(
    r"\bobjects\.(filter|get|create|all|exclude|bulk_\w+|update_or_create|get_or_create|aggregate|annotate|values|raw|count|order_by)$"
    r"|(^|\.)(session|db|tx|conn|connection|cursor|cur|pool|knex|em|entityManager|jdbcTemplate|database|dbContext|_context|DB)"
    r"(\.session)?(\(\))?(\.|->|::)(query|execute|exec|run|scalars?|add|add_all|merge|delete|select|insert|update|table|raw|find\w*|First|Find|"
    r"Create|Save|Where|Query\w*|Exec\w*|createQuery|persist|fetch\w*|get|all|one|prepare)$"
    r"|^[A-Z]\w*(\.|::)(find\w*|create\w*|update\w*|delete\w*|destroy\w*|aggregate|count\w*|insert\w*|where|save|bulkCreate|upsert|distinct|"
    r"all|first|joins|includes|with|query)$"
    r"|\bprisma\.\w+\.\w+$|\b\w*[rR]epo(sitory)?\.(find\w*|save|create\w*|update|delete|remove|query|insert|count\w*)$|\b[A-Z]\w*\.query\.\w+$"
)
_SQL = re.compile(r"^\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|WITH\s+\w+\s+AS)\b", re.I | re.S)
_TRANSACTION = re.compile(
    r"(\b|_)(transaction(\.atomic)?|atomic|\$transaction|begin_nested|beginTransaction|startTransaction|BeginTx|BeginTransaction\w*)$|\bsession\.begin$"
    r"|(session|db|tx|conn|connection)\.(commit|rollback)$"
)


def evidence(function: Node) -> list[Evidence]:
    """The lines of a function that decide something, in their order; one for each line and reason."""
    found = {(line, reason): Evidence(line, reason, text) for line, reason, text in _evidence(function)}
    return sorted(found.values(), key=lambda e: (e.line, e.reason))


def score(found: list[Evidence]) -> int:
    """The sum of the weights; queries and decisions count line by line."""
    return sum(WEIGHTS[one.reason] for one in found)


def speaks(found: list[Evidence]) -> bool:
    """Whether it is more than fetching a row and answering: something is decided, or several queries belong together."""
    return any(one.reason is not Reason.QUERY for one in found) or sum(one.reason is Reason.QUERY for one in found) > 1


def _evidence(function: Node) -> Generator[tuple[int, Reason, str]]:
    rows = _rows(function)
    for node in every(function):
        line = node.start_point.row + 1
        if node.type in _BINARY and (reason := _compared(node)) is not None:
            yield line, reason, _line(node)
        elif node.type in _CHOICES and _member(_subject(node)):
            yield line, Reason.DECISION, _line(node)
        elif node.type in _LOOPS and _works(node, rows):
            yield line, Reason.LOOP, _line(node)
        elif (said := call(node)) is not None:
            yield from ((line, reason, _line(node)) for reason in _called(said))
        elif _augmented(node) and _member(text_of(node.child_by_field_name("left"))) and not _texts(node):
            yield line, Reason.ARITHMETIC, _line(node)


def _line(node: Node, most: int = 120) -> str:
    text = " ".join(text_of(node).split("\n")[0].split())
    return text if len(text) <= most else text[:most] + "…"


def _operator(node: Node) -> str:
    return next((text_of(child) for child in node.children if not child.is_named), "")


def _compared(node: Node) -> Reason | None:
    """A comparison, or arithmetic, on domain data."""
    if len(node.named_children) < 2 or _conditional(node):
        return None
    operator, left, right = _operator(node), text_of(node.named_children[0]), text_of(node.named_children[-1])
    if operator in _AMONG and not re.match(r"[\[({]", right):
        return None
    if operator in _ORDER or operator in _EQUAL or operator in _AMONG:
        if _NOTHING.match(left) or (_NOTHING.match(right) and not (operator in _ORDER and _member(left))):
            return None
        if _member(left) or _member(right):
            return Reason.DECISION
        ordered = operator in _ORDER and _value(left) and _value(right)
        stated = operator not in _ORDER and _value(left) and right[:1] in "'\"" and len(right) > 2
        return Reason.DECISION if ordered or stated else None
    if operator in _SUMS and not _texts(node):
        sides = [side for side in (left, right) if not re.fullmatch(r"[\d._]+", side)]
        if "1" in (left, right) or (operator == "%" and right.startswith(("(", "{"))):
            return None
        if any(_paging(side) for side in sides) or (operator == "+" and not all(_member(s) or _value(s) or _nested(s) for s in sides)):
            return None
        return Reason.ARITHMETIC if any(_member(side) for side in sides) or (len(sides) == 2 and operator != "+") else None
    return None


def _nested(text: str) -> bool:
    return bool(re.search(r"[*/-]|\(", text))


def _conditional(node: Node) -> bool:
    """Whether a comparison is the condition of a query."""
    up, steps = node.parent, 0
    while up is not None and steps < 6:
        said = call(up)
        if said is not None:
            return said.name in _CONDITION
        up, steps = up.parent, steps + 1
    return False


def _root(text: str) -> str:
    return re.split(r"\W", text.lstrip("@$*&(!-"))[0].lower()


def _member(text: str) -> bool:
    """Whether the text is a field of something that is no plumbing."""
    text = text.strip("()!*& ")
    if not _MEMBER.match(text) or re.search(r"\.(length|size|Length|Count|count|len)(\(\))?$", text):
        return False
    if _PAGING.match(re.split(r"\W+", text.rstrip("()[]'\""))[-1]):
        return False
    return _root(text) not in _PLUMBING or bool(_DATA.search(text))


def _value(text: str) -> bool:
    """Whether the text is a variable with the name of a thing, or a number."""
    text = text.strip("()")
    if re.fullmatch(r"-?[\d._]+[fFdDmML]?", text):
        return True
    return bool(_WORD.match(text)) and len(text) > 2 and not _PAGING.match(text.lstrip("@$")) and _root(text) not in _PLUMBING


def _paging(text: str) -> bool:
    words = re.findall(r"[A-Za-z_]\w*", text)
    return bool(words) and (bool(_PAGING.match(words[-1])) or (_root(text) in _PLUMBING and not _DATA.search(text)))


def _subject(node: Node) -> str:
    field = _CHOICES[node.type]
    subject = node.child_by_field_name(field) if field else next(iter(node.named_children), None)
    return text_of(subject).strip("() ")


def _texts(node: Node) -> bool:
    """Whether a sum is of texts or paths."""
    if any(literal(child) is not None or "string" in child.type for child in every(node)):
        return True
    return bool(re.search(r"\b\w*([pP]ath|[dD]ir|[rR]oot|[fF]older|[uU]rl|[pP]refix|[nN]ame)\b", text_of(node)))


def _augmented(node: Node) -> bool:
    """Whether the node is ``x += 1`` or its kin."""
    if not node.type.startswith(("assignment", "augmented", "operator_assignment")):
        return False
    return any(text_of(child) in ("+=", "-=", "*=", "/=") for child in node.children if not child.is_named)


def _rows(function: Node) -> set[str]:
    """Variables that hold the answer of a query."""
    found: set[str] = set()
    for node in every(
        function, ("assignment", "variable_declarator", "short_var_declaration", "assignment_expression", "property_declaration")
    ):
        value = node.named_children[-1] if node.named_children else None
        target = node.child_by_field_name("left") or node.child_by_field_name("name")
        if value is not None and target is not None and any(_asks(said) for n in every(value) if (said := call(n)) is not None):
            found.add(text_of(target))
    return found


def _works(loop: Node, rows: set[str]) -> bool:
    """Whether a loop goes over the answer of a query, or decides something in each turn."""
    over = text_of(loop.child_by_field_name("right") or loop.child_by_field_name("value"))
    body = loop.child_by_field_name("body") or loop
    if any(n.type in _BINARY and _compared(n) is not None for n in every(body)) or any(_asks(s) for n in every(body) if (s := call(n))):
        return True
    return over in rows and any(_augmented(n) for n in every(body))


def _asks(said: Call) -> bool:
    written = text_of(said.node.child_by_field_name("function")) or f"{said.on}.{said.name}"
    return bool(_QUERY.search(" ".join(written.replace("->", ".").split())))


def _called(said: Call) -> list[Reason]:
    written = f"{said.on}.{said.name}" if said.held is not None else said.name
    found: list[Reason] = []
    if _asks(said):
        found.append(Reason.QUERY)
    if any((text := literal(argument)) is not None and _SQL.match(text) for argument in said.positional[:2]):
        found.append(Reason.SQL)
    if _TRANSACTION.search(" ".join(written.replace("->", ".").replace("::", ".").split())):
        found.append(Reason.TRANSACTION)
    if said.name in _EACH and (block := said.node.child_by_field_name("block") or next(iter(said.positional), None)) is not None:
        inner = block.child_by_field_name("body") or block
        if any(n.type in _BINARY and _compared(n) is not None for n in every(inner)):
            found.append(Reason.LOOP)
    return found
