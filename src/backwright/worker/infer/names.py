"""Names: what a word in a path or a property says about its meaning. Pure."""

import keyword
import re

from backwright.domain.naming import snake

_SAME = {"series", "status", "news", "address", "species", "bus", "analysis", "basis", "class", "process", "access", "canvas"}
_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "data": "datum",
    "statuses": "status",
    "addresses": "address",
}
_ROLES = ("Response", "Request", "Dto", "DTO", "Model", "Resource", "Representation", "View", "Details", "Detail", "Summary", "Fields",
    "Input", "Output",
          "Payload", "Body", "Create", "Update", "Patch", "Base", "Data", "Out", "In", "Read", "Write", "Item", "Full",
          "Confirmation")  # fmt: skip
_VERBS = ("New", "Create", "Update", "Patch", "Add", "Edit", "Put", "Post", "Replace", "Register", "Buy")

TOTALS = re.compile(r"(total|count|total_?count|total_?items|total_?results|[a-z_]+_count|total_?elements)$")
NEXTS = re.compile(r"(next|next_cursor|cursor|next_page_token|next_token|after|end_cursor)$")
PAGING = re.compile(
    r"(current_)?page(_?(size|number|no|index|count|info))?|per_?page|limit|offset|size|pages|total_?pages|has_?(more|next|prev(ious)?)|meta|pagination|"
    r"links|prev(ious)?|first|last|number"
)
OFFSETS, PAGES, CURSORS = (
    ("offset", "skip", "start"),
    ("page", "page_number", "page_no", "page_index"),
    ("cursor", "after", "page_token", "starting_after", "next_token"),
)
SIZES = ("limit", "per_page", "page_size", "size", "take", "first", "max_results", "count")
SORTS = ("sort", "sort_by", "order_by", "order", "ordering")
DIRECTIONS = ("order", "sort_order", "sort_direction", "sort_dir", "direction", "order_dir", "order_direction", "dir")
SEARCHES = ("q", "query", "search", "search_query", "search_text", "search_term", "keyword", "keywords", "term", "text")
CREATED = ("created_at", "created", "creation_date", "date_created", "created_on", "created_time", "create_time", "inserted_at")
UPDATED = (
    "updated_at",
    "updated",
    "modified_at",
    "last_modified",
    "date_modified",
    "modified",
    "updated_on",
    "last_updated",
    "update_time",
    "modified_on",
)
OWNERS = (
    "author",
    "owner",
    "user",
    "customer",
    "creator",
    "created_by",
    "reader",
    "reviewer",
    "buyer",
    "account",
    "member",
    "poster",
    "sender",
    "uploader",
    "assigned_by",
)
UNIQUES = ("email", "slug", "username", "user_name", "isbn", "sku", "handle", "login", "nickname", "ean", "iban", "vin")
PASSWORDS = ("password", "passwd", "pass_word", "new_password", "current_password", "password_confirmation")
TOKENS = {
    "token": "token", "access_token": "token", "jwt": "token", "id_token": "token", "refresh_token": "refresh_token",
    "token_type": "token_type",
    "expires_in": "expires_in",
}  # fmt: skip


def norm(name: str) -> str:
    """Any style of name in snake case: ``createdAt``, ``created-at``, ``Created At`` → ``created_at``."""
    return re.sub(r"_+", "_", snake(re.sub(r"[^0-9A-Za-z]+", "_", name))).strip("_")


def python_name(wire: str) -> str:
    """A name that Python takes: ``class`` → ``class_``, ``2fa`` → ``n2fa``."""
    name = norm(wire) or "value"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in ("id", "version", "created_at", "updated_at") else name


def singular(word: str) -> str:
    """The English singular of the last part of a snake-case name: ``order_lines`` → ``order_line``."""
    head, _, last = word.rpartition("_")
    if last in _IRREGULAR:
        one = _IRREGULAR[last]
    elif last in _SAME or re.search(r"(ss|us|is)$", last):
        one = last
    elif re.search(r"[^aeiou]ies$", last):
        one = last[:-3] + "y"
    elif re.search(r"((t|r|n)ch|sh|x|ss|zz|[^ao]us)es$", last):
        one = last[:-2]
    else:
        one = last[:-1] if last.endswith("s") else last
    return f"{head}_{one}" if head else one


def pascal(name: str) -> str:
    """``order_line`` → ``OrderLine``."""
    text = "".join(part[:1].upper() + part[1:] for part in norm(name).split("_"))
    return text if text and not text[0].isdigit() and not keyword.iskeyword(text) else f"N{text}"


def bare(name: str) -> str:
    """A schema's name without the role that it plays: ``NewArticle``, ``ArticleResponse``, ``UpdateArticleInput`` → ``Article``."""
    name = pascal(name)
    for _ in range(3):
        for role in _ROLES:
            if name.endswith(role) and len(name) > len(role):
                name = name[: -len(role)]
        for verb in _VERBS:
            if name.startswith(verb) and name[len(verb) :][:1].isupper():
                name = name[len(verb) :]
    return name


def literals(path: str) -> list[str]:
    """The fixed segments of a path, in snake case."""
    return [norm(part) for part in path.strip("/").split("/") if part and not part.startswith("{")]


def noun(path: str) -> str:
    """The singular of the last fixed segment: ``/special-events/{id}`` → ``special_event``."""
    found = literals(path)
    return singular(found[-1]) if found else "root"


def unversioned(path: str) -> list[str]:
    """The segments of a path but for leading ``api`` and version segments."""
    parts = [part for part in path.strip("/").split("/") if part]
    while parts and re.fullmatch(r"api|v\d+(\.\d+)*", parts[0]):
        parts = parts[1:]
    return parts
