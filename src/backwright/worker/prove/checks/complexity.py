"""Cyclomatic complexity (McCabe): one, and one more for each place where a function can go two ways."""

import ast

_BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.comprehension, ast.Assert)


def complexity(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The function's complexity. Functions inside it count for themselves."""
    return 1 + sum(_ways(node) for child in function.body for node in _own(child))


def _own(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    return [node, *(inner for child in ast.iter_child_nodes(node) for inner in _own(child))]


def _ways(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.Match):
        return len(node.cases) - 1
    return (1 + len(node.ifs)) if isinstance(node, ast.comprehension) else int(isinstance(node, _BRANCHES))
