"""TypeScript and TSX."""

from dataclasses import replace

from backwright.worker.symbols.languages.javascript import FUNCTIONS, JAVASCRIPT, VARIABLES

TYPESCRIPT = replace(
    JAVASCRIPT,
    name="typescript",
    suffixes=(".ts", ".mts", ".cts"),
    grammar=("tree_sitter_typescript", "language_typescript"),
    definitions=f"""
        (class_declaration name: (type_identifier) @name) @class
        (abstract_class_declaration name: (type_identifier) @name) @class
        (variable_declarator name: (identifier) @name value: (class)) @class
        (interface_declaration name: (type_identifier) @name) @interface
        (enum_declaration name: (identifier) @name) @enum
        (enum_body name: (property_identifier) @name @constant)
        (enum_assignment name: (property_identifier) @name) @constant
        (type_alias_declaration name: (type_identifier) @name) @type
        (internal_module name: [(identifier) (nested_identifier)] @name) @module
        (module name: [(identifier) (nested_identifier) (string)] @name) @module
        (public_field_definition name: (property_identifier) @name value: [(arrow_function) (function_expression)]) @method
        (public_field_definition name: [(property_identifier) (private_property_identifier)] @name) @variable
        (abstract_method_signature name: (property_identifier) @name) @method
        (interface_body (method_signature name: (property_identifier) @name) @method)
        (class_body (method_signature name: (property_identifier) @name) @method)
        (interface_body (property_signature name: (property_identifier) @name) @variable)
        (function_signature name: (identifier) @name) @function
        (internal_module body: (statement_block (lexical_declaration (variable_declarator name: (identifier) @name) @constant)))
        {FUNCTIONS} {VARIABLES}
    """,
)
TSX = replace(TYPESCRIPT, name="tsx", suffixes=(".tsx",), grammar=("tree_sitter_typescript", "language_tsx"))
