"""Python."""

from backwright.worker.symbols.language import Language

PYTHON = Language(
    name="python",
    suffixes=(".py", ".pyi"),
    grammar=("tree_sitter_python", "language"),
    definitions="""
        (class_definition name: (identifier) @name) @class
        (function_definition name: (identifier) @name) @function
        (type_alias_statement left: (type (identifier) @name)) @type
        (module (expression_statement (assignment left: (identifier) @name) @variable))
        (class_definition body: (block (expression_statement (assignment left: (identifier) @name) @variable)))
    """,
    comments=frozenset({"comment"}),
    strings=frozenset({"string"}),
    names=frozenset({"identifier"}),
    imports=frozenset({"import_statement", "import_from_statement", "future_import_statement"}),
    members={"attribute": ("object", "attribute")},
    decorators=frozenset({"decorator"}),
    calls=frozenset({"call"}),
    wrappers=frozenset({"decorated_definition"}),
    itself=frozenset({"self", "cls", "super"}),
    inner_docs=True,
)
