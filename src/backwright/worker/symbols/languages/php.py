"""PHP. A namespace is no container unless it has braces."""

from backwright.worker.symbols.language import Language, Shared

PHP = Language(
    name="php",
    suffixes=(".php",),
    grammar=("tree_sitter_php", "language_php"),
    definitions="""
        (namespace_definition name: (namespace_name) @name body: (_)) @module
        (class_declaration name: (name) @name) @class
        (trait_declaration name: (name) @name) @class
        (interface_declaration name: (name) @name) @interface
        (enum_declaration name: (name) @name) @enum
        (enum_case name: (name) @name) @constant
        (function_definition name: (name) @name) @function
        (method_declaration name: (name) @name) @method
        (const_declaration (const_element (name) @name)) @constant
        (property_declaration (property_element name: (variable_name (name) @name))) @variable
        (property_promotion_parameter name: (variable_name (name) @name)) @variable
    """,
    comments=frozenset({"comment"}),
    strings=frozenset({"string", "encapsed_string", "heredoc", "nowdoc", "text"}),
    names=frozenset({"name"}),
    imports=frozenset({"namespace_use_declaration"}),
    members={
        "member_call_expression": ("object", "name"), "nullsafe_member_call_expression": ("object", "name"),
        "member_access_expression": ("object", "name"), "nullsafe_member_access_expression": ("object", "name"),
        "scoped_call_expression": ("scope", "name"), "class_constant_access_expression": ("", ""),
    },
    decorators=frozenset({"attribute_list"}),
    calls=frozenset({
        "function_call_expression", "member_call_expression", "nullsafe_member_call_expression", "scoped_call_expression",
        "object_creation_expression",
    }),
    itself=frozenset({"$this", "self", "static", "parent"}),
    shared=Shared.PROJECT,
)  # fmt: skip
