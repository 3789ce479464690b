"""C#."""

from backwright.worker.symbols.language import Language, Shared

CSHARP = Language(
    name="csharp",
    suffixes=(".cs",),
    grammar=("tree_sitter_c_sharp", "language"),
    definitions="""
        (namespace_declaration name: (_) @name) @module
        (class_declaration name: (identifier) @name) @class
        (record_declaration name: (identifier) @name) @class
        (struct_declaration name: (identifier) @name) @struct
        (interface_declaration name: (identifier) @name) @interface
        (enum_declaration name: (identifier) @name) @enum
        (enum_member_declaration name: (identifier) @name) @constant
        (delegate_declaration name: (identifier) @name) @type
        (method_declaration name: (identifier) @name) @method
        (constructor_declaration name: (identifier) @name) @method
        (local_function_statement name: (identifier) @name) @function
        (property_declaration name: (identifier) @name) @variable
        (field_declaration (modifier "const") (variable_declaration (variable_declarator name: (identifier) @name))) @constant
        (field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @variable
        (event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @variable
    """,
    comments=frozenset({"comment"}),
    strings=frozenset({"verbatim_string_literal", "raw_string_literal", "interpolated_string_expression"}),
    names=frozenset({"identifier"}),
    imports=frozenset({"using_directive"}),
    members={
        "member_access_expression": ("expression", "name"), "member_binding_expression": ("", "name"),
        "qualified_name": ("qualifier", "name"),
    },
    decorators=frozenset({"attribute_list"}),
    calls=frozenset({"invocation_expression", "object_creation_expression"}),
    wrappers=frozenset({"global_statement"}),
    itself=frozenset({"this", "base"}),
    shared=Shared.PROJECT,
)  # fmt: skip
