"""Routes of the kit: the default contract of what an app allows, or the routes and resources that it declares."""

from backwright.domain.naming import kebab, plural, snake
from backwright.worker.symbols.routes.route import Entry, Sheet
from backwright.worker.symbols.syntax import Call, elements, literal, text_of, words

_APP = "app"
_VERBS = {"list": [("GET", "")], "read": [("GET", "/{id}")], "create": [("POST", "")], "update": [("PATCH", "/{id}")],
          "replace": [("PUT", "/{id}")], "delete": [("DELETE", "/{id}")]}  # fmt: skip
_RULES = {"read": ("list", "read"), "create": ("create",), "update": ("update", "replace"), "delete": ("delete",),
          "write": ("create", "update", "replace", "delete")}  # fmt: skip


class Kit:
    """What a module declares with ``allow``, ``route``, ``resource`` and ``Rest``."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.allowed: list[Entry] = []
        self.declared: list[Entry] = []
        self.own = False

    def call(self, found: Call) -> None:
        """One call of such a name."""
        if found.name == "Rest":
            self.own = bool({"routes", "resources"} & found.keywords.keys())
            self.sheet.prefixes[_APP] = literal(found.keywords.get("prefix")) or "/v1"
        elif found.name == "App":
            self.sheet.prefixes.setdefault(_APP, "/v1")
            self.sheet.roots.add(_APP)
        elif found.name == "allow" and found.given(0) is not None:
            self._allowed(found)
        elif found.name == "route" and (said := literal(found.given(0))) is not None and " " in said:
            method, _, path = said.partition(" ")
            self.declared.append(Entry(_APP, method, path, text_of(found.given(1, "function")), found.line))
        elif found.name == "resource" and (place := literal(found.given(1, "path"))) is not None:
            verbs = [word for node in elements(found.keywords.get("verbs")) for word in words(node)] or list(_VERBS)
            entity = text_of(found.given(0, "entity"))
            self.declared += [Entry(_APP, m, place + tail, entity, found.line) for verb in verbs for m, tail in _VERBS.get(verb, ())]

    def settle(self) -> None:
        """Enter what is served: what is declared, and what is allowed unless the contract is one's own."""
        self.sheet.entries += self.declared if self.own else [*self.allowed, *self.declared]
        if self.sheet.entries:
            self.sheet.prefixes.setdefault(_APP, "")

    def _allowed(self, found: Call) -> None:
        target = text_of(found.given(0))
        if "call" in found.keywords:
            self.allowed.append(Entry(_APP, "POST", kebab(snake(target)), target, found.line))
            return
        many = f"/{kebab(plural(snake(target)))}"
        verbs = [verb for rule in found.keywords for verb in _RULES.get(rule, ())]
        self.allowed += [Entry(_APP, method, many + tail, target, found.line) for verb in verbs for method, tail in _VERBS[verb]]
