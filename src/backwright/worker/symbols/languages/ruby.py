"""Ruby."""

from backwright.worker.symbols.language import Language, Shared

RUBY = Language(
    name="ruby",
    suffixes=(".rb", ".rake", ".ru"),
    grammar=("tree_sitter_ruby", "language"),
    definitions="""
        (class name: [(constant) (scope_resolution)] @name) @class
        (module name: [(constant) (scope_resolution)] @name) @module
        (method name: (_) @name) @function
        (singleton_method name: (_) @name) @method
        (assignment left: (constant) @name) @constant
    """,
    comments=frozenset({"comment"}),
    strings=frozenset({"string", "heredoc_body", "subshell", "string_array", "symbol_array"}),
    names=frozenset({"identifier", "constant"}),
    imports=frozenset(),
    members={"call": ("receiver", "method"), "scope_resolution": ("scope", "name")},
    calls=frozenset({"call"}),
    itself=frozenset({"self", "super"}),
    shared=Shared.PROJECT,
)
