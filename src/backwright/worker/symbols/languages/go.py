"""Go. A method belongs to its receiver's type, wherever in the package it stands."""

from backwright.worker.symbols.language import Language, Shared

GO = Language(
    name="go",
    suffixes=(".go",),
    grammar=("tree_sitter_go", "language"),
    definitions="""
        (type_spec name: (type_identifier) @name type: (struct_type)) @struct
        (type_spec name: (type_identifier) @name type: (interface_type)) @interface
        (type_spec name: (type_identifier) @name) @type
        (type_alias name: (type_identifier) @name) @type
        (method_elem name: (field_identifier) @name) @method
        (type_spec type: (struct_type (field_declaration_list (field_declaration name: (field_identifier) @name) @variable)))
        (function_declaration name: (identifier) @name) @function
        (method_declaration
            receiver: (parameter_list (parameter_declaration type: [
                (type_identifier) @owner
                (generic_type type: (type_identifier) @owner)
                (pointer_type (type_identifier) @owner)
                (pointer_type (generic_type type: (type_identifier) @owner))
            ])) name: (field_identifier) @name) @method
        (source_file (const_declaration (const_spec name: (identifier) @name) @constant))
        (source_file (var_declaration (var_spec name: (identifier) @name) @variable))
        (source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @variable)))
    """,
    comments=frozenset({"comment"}),
    strings=frozenset({"raw_string_literal"}),
    names=frozenset({"identifier", "type_identifier", "field_identifier", "package_identifier"}),
    imports=frozenset({"import_declaration"}),
    members={"selector_expression": ("operand", "field"), "qualified_type": ("package", "name")},
    calls=frozenset({"call_expression", "composite_literal"}),
    wrappers=frozenset({"type_declaration", "const_declaration", "var_declaration", "var_spec_list"}),
    itself=frozenset(),
    shared=Shared.FOLDER,
)
