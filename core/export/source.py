"""The Python source of byhand's own arithmetic, made plain: a script calculates with what byhand calculates with."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import TYPE_CHECKING

from core import activations, decimals, formatting

if TYPE_CHECKING:
    from types import ModuleType


def activation_call(name: str, argument: str) -> str:
    """Return the call that applies the activation: of NumPy's function where it is one, else of its own."""
    made = _made(name)
    function = ast.unparse(made) if isinstance(made, ast.Attribute) else name
    return f"{function}({argument})"


def activation_source(name: str) -> dict[str, str]:
    """Return the functions of the activation that Keras calls ``name``, those that it needs first, by their names.

    There are none for what NumPy has, such as tanh.
    """
    made = _made(name)
    if isinstance(made, ast.Attribute):
        return {}
    found: dict[str, str] = {}
    if isinstance(made, ast.Name) and _plain_name(made.id) == name:
        _collect(activations, made.id, found)
    else:
        _collect_needed(activations, made, found)
        found[name] = _unparsed(_as_function(name, made))
    return found


def number_source() -> dict[str, str]:
    """Return the function ``number``, which writes a number with its digits, and all that it needs."""
    found: dict[str, str] = {}
    _collect(formatting, "number", found)
    return found


def product_source() -> dict[str, str]:
    """Return the function ``product``, which rounds products as on paper, and all that it needs."""
    found: dict[str, str] = {}
    _collect(decimals, "product", found)
    return found


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _made(name: str) -> ast.expr:
    """Return the expression that stands for the activation in byhand's table."""
    try:
        return _table()[name]
    except KeyError:
        raise LookupError(f"core/activations.py has no row for {name} in the call of _table, so no script") from None


@cache
def _table() -> dict[str, ast.expr]:
    """Return the expression that stands for each activation in byhand's table of them."""
    for call in ast.walk(_tree(activations)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "_table":
            rows = [row.elts for row in call.args if isinstance(row, ast.Tuple)]
            return {str(ast.literal_eval(name)): function for name, function, _ in rows}
    raise LookupError("core.activations has no table")


def _collect(module: ModuleType, name: str, found: dict[str, str]) -> None:
    """Put the source of what ``module`` calls ``name`` into ``found``, after the sources of all that it needs."""
    for statement in _tree(module).body:
        match statement:
            case ast.FunctionDef(name=given) | ast.Assign(targets=[ast.Name(id=given)]) if given == name:
                _collect_needed(module, statement, found)
                found[_plain_name(name)] = _unparsed(statement)
            case ast.ImportFrom(module="math", names=names) if name in [one.name for one in names]:
                found[name] = f"from math import {name}"
            case ast.ImportFrom(module=decimals.__name__, names=names) if name in [one.name for one in names]:
                _collect(decimals, name, found)


def _collect_needed(module: ModuleType, node: ast.AST, found: dict[str, str]) -> None:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and _plain_name(part.id) not in found:
            _collect(module, part.id, found)


def _as_function(name: str, made: ast.expr) -> ast.FunctionDef:
    """Return the definition of an activation that stands in the table itself, or that has another's arithmetic."""
    body = made.body if isinstance(made, ast.Lambda) else ast.Call(made, [ast.Name("z")], [])
    return ast.FunctionDef(name, ast.arguments([], [ast.arg("z")], None, [], [], None, []), [ast.Return(body)], [])


def _unparsed(statement: ast.stmt) -> str:
    # A copy, because the tree is kept.
    copied = ast.parse(ast.unparse(ast.fix_missing_locations(statement))).body[0]
    return ast.unparse(ast.fix_missing_locations(_Plain().visit(copied)))


def _plain_name(name: str) -> str:
    return name.lstrip("_")


class _Plain(ast.NodeTransformer):
    """Takes away what serves the type checker or the reader of byhand's own code only."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        name = _plain_name(node.name)
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        if name in activations.ACTIVATIONS:
            node.body.insert(0, ast.Expr(ast.Constant(f"{name}(z) = {activations.ACTIVATIONS[name].formula}")))
        node.name, node.returns = name, None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = _plain_name(node.id)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return node.args[0] if ast.unparse(node.func) == "np.asarray" and not node.keywords else node
