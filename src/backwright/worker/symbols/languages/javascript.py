"""JavaScript and JSX; TypeScript builds on it."""

from backwright.worker.symbols.language import Language

FUNCTIONS = """
    (function_declaration name: (identifier) @name) @function
    (generator_function_declaration name: (identifier) @name) @function
    (variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression) (generator_function)]) @function
    (assignment_expression
        left: (member_expression property: (property_identifier) @name) right: [(arrow_function) (function_expression)]) @function
    (pair key: (property_identifier) @name value: [(arrow_function) (function_expression)]) @function
    (method_definition name: [(property_identifier) (private_property_identifier)] @name) @method
"""
VARIABLES = """
    (program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
    (export_statement (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
    (program (lexical_declaration kind: "let" (variable_declarator name: (identifier) @name) @variable))
    (export_statement (lexical_declaration kind: "let" (variable_declarator name: (identifier) @name) @variable))
    (program (variable_declaration (variable_declarator name: (identifier) @name) @variable))
    (export_statement (variable_declaration (variable_declarator name: (identifier) @name) @variable))
"""
NAMES = frozenset({
    "identifier", "property_identifier", "private_property_identifier", "shorthand_property_identifier",
    "shorthand_property_identifier_pattern", "type_identifier",
})  # fmt: skip
WRAPPERS = frozenset({"export_statement", "lexical_declaration", "variable_declaration", "expression_statement", "ambient_declaration"})

JAVASCRIPT = Language(
    name="javascript",
    suffixes=(".js", ".jsx", ".mjs", ".cjs"),
    grammar=("tree_sitter_javascript", "language"),
    definitions=f"""
        (class_declaration name: (identifier) @name) @class
        (variable_declarator name: (identifier) @name value: (class)) @class
        (assignment_expression left: (member_expression property: (property_identifier) @name) right: (class)) @class
        (field_definition property: (property_identifier) @name value: [(arrow_function) (function_expression)]) @method
        (field_definition property: [(property_identifier) (private_property_identifier)] @name) @variable
        {FUNCTIONS} {VARIABLES}
    """,
    comments=frozenset({"comment"}),
    strings=frozenset({"string", "template_string", "jsx_text"}),
    names=NAMES,
    imports=frozenset({"import_statement"}),
    members={"member_expression": ("object", "property")},
    decorators=frozenset({"decorator"}),
    calls=frozenset({"call_expression", "new_expression"}),
    wrappers=WRAPPERS,
    attached=frozenset({"decorator"}),
)
