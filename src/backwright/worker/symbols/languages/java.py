"""Java."""

from backwright.worker.symbols.language import Language, Shared

JAVA = Language(
    name="java",
    suffixes=(".java",),
    grammar=("tree_sitter_java", "language"),
    definitions="""
        (class_declaration name: (identifier) @name) @class
        (record_declaration name: (identifier) @name) @class
        (interface_declaration name: (identifier) @name) @interface
        (annotation_type_declaration name: (identifier) @name) @interface
        (enum_declaration name: (identifier) @name) @enum
        (enum_constant name: (identifier) @name) @constant
        (method_declaration name: (identifier) @name) @method
        (constructor_declaration name: (identifier) @name) @method
        (compact_constructor_declaration name: (identifier) @name) @method
        (annotation_type_element_declaration name: (identifier) @name) @method
        (field_declaration declarator: (variable_declarator name: (identifier) @name)) @variable
        (constant_declaration declarator: (variable_declarator name: (identifier) @name)) @constant
    """,
    comments=frozenset({"line_comment", "block_comment"}),
    strings=frozenset({"string_literal"}),
    names=frozenset({"identifier", "type_identifier"}),
    imports=frozenset({"import_declaration"}),
    members={"method_invocation": ("object", "name"), "field_access": ("object", "field"), "method_reference": ("", "")},
    decorators=frozenset({"annotation", "marker_annotation"}),
    calls=frozenset({"method_invocation", "object_creation_expression"}),
    shared=Shared.FOLDER,
)
