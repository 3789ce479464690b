"""Kotlin."""

from backwright.worker.symbols.language import Language, Shared

KOTLIN = Language(
    name="kotlin",
    suffixes=(".kt", ".kts"),
    grammar=("tree_sitter_kotlin", "language"),
    definitions="""
        (class_declaration "interface" name: (identifier) @name) @interface
        (class_declaration (modifiers (class_modifier "enum")) name: (identifier) @name) @enum
        (class_declaration name: (identifier) @name) @class
        (object_declaration name: (identifier) @name) @class
        (companion_object name: (identifier) @name) @class
        (companion_object "companion" @name) @class
        (enum_entry (identifier) @name) @constant
        (function_declaration name: (identifier) @name) @function
        (property_declaration (modifiers (property_modifier "const")) (variable_declaration (identifier) @name)) @constant
        (source_file (property_declaration (variable_declaration (identifier) @name)) @variable)
        (class_body (property_declaration (variable_declaration (identifier) @name)) @variable)
        (type_alias type: (identifier) @name) @type
    """,
    comments=frozenset({"line_comment", "block_comment"}),
    strings=frozenset({"string_literal", "multiline_string_literal"}),
    names=frozenset({"identifier"}),
    imports=frozenset({"import"}),
    members={"navigation_expression": ("", "")},
    decorators=frozenset({"annotation"}),
    calls=frozenset({"call_expression", "constructor_invocation"}),
    attached=frozenset({"annotated_expression"}),
    shared=Shared.FOLDER,
)
