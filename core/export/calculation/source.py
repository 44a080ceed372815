"""The Python source of byhand's own arithmetic, made plain: a script calculates with what byhand calculates with."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import TYPE_CHECKING

from core import decimals, formatting
from core.operations import functions, in_python

if TYPE_CHECKING:
    from types import ModuleType

MODULES = (formatting, decimals, functions, in_python)
"""Where what a script calls stands."""


def sources_of(*names: str) -> dict[str, str]:
    """Return the source of byhand's functions of these names, each after all that it needs, by their names."""
    found: dict[str, str] = {}
    for name in names:
        for module in MODULES:
            _collect(module, name, found)
    return found


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _collect(module: ModuleType, name: str, found: dict[str, str]) -> None:
    """Put the source of what ``module`` calls ``name`` into ``found``, after the sources of all that it needs."""
    if plain_name(name) in found:
        return
    for statement in _tree(module).body:
        match statement:
            case ast.FunctionDef(name=given) | ast.Assign(targets=[ast.Name(id=given)]) if given in (name, f"_{name}"):
                for part in ast.walk(statement):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id != given:
                        _collect(module, part.id, found)
                found[plain_name(given)] = _unparsed(statement)
            case ast.Import(names=[ast.alias(name="math")]) if name == "math":
                found[name] = "import math"
            case ast.ImportFrom(module="math", names=names) if name in [one.name for one in names]:
                found[name] = f"from math import {name}"
            case ast.ImportFrom(module=decimals.__name__, names=names) if name in [one.name for one in names]:
                _collect(decimals, name, found)


def _unparsed(statement: ast.stmt) -> str:
    # A copy, because the tree is kept.
    copied = ast.parse(ast.unparse(statement)).body[0]
    return ast.unparse(ast.fix_missing_locations(_Plain().visit(copied)))


def plain_name(name: str) -> str:
    """Return a name as it stands in a script, where nothing is private."""
    return name.lstrip("_")


class _Plain(ast.NodeTransformer):
    """Takes away what serves the type checker or the reader of byhand's own code only."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        first = (ast.get_docstring(node) or "").partition("\n")[0]
        if first:
            node.body[0] = ast.Expr(ast.Constant(first))
        node.name, node.returns = plain_name(node.name), None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = plain_name(node.id)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return node.args[0] if ast.unparse(node.func) == "np.asarray" and not node.keywords else node
