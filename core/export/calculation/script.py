"""A calculation as a Python script: every value a line of NumPy, and the same digits printed when it is run."""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import keyword
import re
from collections import Counter
from copy import deepcopy
from functools import cache
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core import decimals, formatting
from core.errors import Refused
from core.export.arrays import array_literal
from core.export.calculation.text import headline
from core.operations import functions, in_python
from core.operations.dot import Dot
from core.operations.each import Each
from core.operations.run import inside_of, written_down
from core.operations.take import Reshape, Take
from core.operations.writing import ATOM, LOOSEST, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.arrays import Array
    from core.calculation.calculated import Value
    from core.export.calculation.explanation import Explanation
    from core.operations.operation import Index, Operation

MOST_NUMBERS = 500_000
"""A script with more numbers than this takes Python too long to read."""

MOST_LINES = 20_000
"""A script of more values is nothing to read any more."""

LONGEST = 80
"""Characters of an expression; of what is longer a part has a line of its own."""

SHOWN = 40
"""How many numbers of a value the script prints."""

SHOW = f'''def show(name, values):
    """Print the first numbers of a value behind its name."""
    flat = np.ravel(values)
    print(f"{{name:>20}} ", *(f"[ {{number(one, DIGITS)}} ]" for one in flat[:{SHOWN}]), *["..."][: flat.size > {SHOWN}])'''  # noqa: E501

ON_PAPER = '''def paper(values):
    """Round every number to DIGITS decimal places, half away from zero, as one writes it down on paper."""
    return rounded(values, DIGITS)'''

DOT = '''def dot(spec, first, second, inside=None):
    """Add up products along the letters that the result has not{words}; only those ``inside``."""
    one, other, axes = factors(spec, first, second)
    made = {product}
    if inside is not None:
        made = np.where(factors(spec, inside, second)[0] != 0.0, made, 0.0)
    return {total}'''

PLAIN = {"words": "", "product": "one * other", "total": "made.sum(axis=axes)"}
ROUNDED = {
    "words": ", each rounded as on paper",
    "product": "product(one, other, DIGITS)",
    "total": "paper(made.sum(axis=axes))",
}

MODULES = (formatting, decimals, functions, in_python)
"""Where what a script calls stands."""

CALLED = ("number", "erf", "far_below", "pick", "sigmoid", "spread", "window", "rounded", "product", "factors")
"""The functions of byhand that a script may call."""


@cache
def taken() -> frozenset[str]:
    """Return the names that no value may have."""
    own = {"np", "show", "paper", "dot", "DIGITS"}
    return frozenset(own | {*dir(builtins), *keyword.kwlist, *sources_of(*CALLED)})


def python_script(explanation: Explanation) -> str:
    """Return the script, which needs nothing but NumPy.

    Raises:
        Refused: the calculation has more numbers, or more values, than a script can hold.
    """
    script = _Script(explanation)
    program = explanation.done.written.program
    size = sum(prod(line.shape) for line in program.lines if line.given is not None)
    if size > MOST_NUMBERS or len(program.lines) > MOST_LINES:
        what = f"{size:,} numbers" if size > MOST_NUMBERS else f"{len(program.lines):,} operations"
        raise Refused(
            f"expected at most {MOST_NUMBERS:,} numbers and {MOST_LINES:,} operations for a script, got {what}; "
            "JSON has them all, and Keras's model.get_weights() gives the weights to a script of your own"
        )
    body = list(script.body())
    head = [f"# {explanation.title}", f"# One prediction by hand: {explanation.rule.replace('   ', ', ')}."]
    head += [f"# {changed}" for changed in explanation.not_by_hand]
    return "\n\n".join(["\n".join(head), *script.definitions(body), "\n".join(body)]) + "\n"


class _Script:
    """Writes the statements of one script; ``_used`` has the names that values have in it."""

    def __init__(self, explanation: Explanation) -> None:
        done, self._used = explanation.done, set[str]()
        self.explanation, self._program = explanation, done.written.program
        self._written = written_down(self._program)
        self._uses = Counter(source for line in self._program.lines for source in line.sources)
        self._named = {part: (value, at) for value in (*done.values, *done.weights) for at, part in value.parts.items()}
        self._texts: dict[int, Written] = {}
        self._single: set[int] = set()
        self._carries = not done.carry.exact

    def definitions(self, body: list[str]) -> list[str]:
        """Return the imports, constants and functions that the statements need."""
        dot = DOT.format(**(ROUNDED if self._carries else PLAIN))
        own = [SHOW, *([ON_PAPER] if self._carries else []), *([dot] if any("dot(" in line for line in body) else [])]
        called = set(re.findall(r"\b([a-z_]+)\(", "\n".join([*own, *body])))
        sources = sources_of(*filter(called.__contains__, CALLED))
        sources |= {"DEFAULT_DIGITS": f"DIGITS = {self.explanation.digits}"}
        texts = [text.replace("DEFAULT_DIGITS", "DIGITS") for text in sources.values()]
        imports = sorted(text for text in texts if text.startswith(("from ", "import ")))
        made = [text for text in texts if text.startswith("def ")]
        constants = [text for text in texts if text not in imports and text not in made]
        # What overflows is printed as inf or nan; a warning would only be in the way.
        return [
            "\n".join([*imports, *([""] if imports else []), "import numpy as np"]),
            "\n".join([*constants, 'np.seterr(all="ignore")']),
            *(f"\n{text}" for text in [*made, *own]),
        ]

    def body(self) -> Iterator[str]:
        """Give the statements: what is given and what is made of it, call by call, and what is printed."""
        yield ""
        call: tuple[str, ...] | None = None
        heads = {section.call: section for section in self.explanation.sections}
        for number in range(len(self._program.lines)):
            value, at = self._named.get(number, (None, ()))
            if value is not None and value.call != call and value.call in heads:
                call, title = value.call, heads[value.call].title
                formula = headline(self.explanation, heads[call])
                yield from ("", f"# {title}" + (f": {formula}" if formula else ""))
                yield from ("print()", f"print({json.dumps(title, ensure_ascii=False)})")
            yield from self._statements(number, value, at)
        yield from self._conclusion()

    def _statements(self, number: int, value: Value | None, at: Index) -> Iterator[str]:
        """Give the lines of one value; none if it is a part of others' expressions."""
        line = self._program.lines[number]
        if line.operation is None:
            yield from self._given(number, value, at)
            return
        if isinstance(line.operation, Reshape) and line.sources[0] in self._single and value is None:
            # One number goes with any shape.
            self._texts[number] = self._texts[line.sources[0]]
            self._single.add(number)
            return
        made = self._made(number)
        if value is None and self._uses[number] == 1 and len(made.text) <= LONGEST:
            self._texts[number] = made
            return
        name = self._call_it(number, value, at)
        yield f"{name} = {made.text}"
        if value is not None:
            yield from self._put_there(name, value, at)
            yield self._show(name, value, at)

    def _given(self, number: int, value: Value | None, at: Index) -> Iterator[str]:
        given, array = self._program.lines[number].given, self.explanation.done.numbers[number]
        if not array.ndim and given is not None and given.numbers is not None and value is None:
            self._texts[number] = Written(_number(float(array)))
            self._single.add(number)
            return
        name = self._call_it(number, value, at)
        yield f"{name} = {_literal(array, ' ' * len(f'{name} = '))}"
        if value is not None and not value.call:
            yield self._show(name, value, at)

    def _made(self, number: int) -> Written:
        """Return the expression of a value, rounded where that is written down."""
        line = self._program.lines[number]
        operation = line.operation
        assert operation is not None
        sources = [self._source(source, operation) for source in line.sources]
        rounds = self._carries and number in self._written
        if isinstance(operation, Dot):
            inside = self._inside(line.sources[0], number)
            if rounds or inside:
                last = f", {inside}" if inside else ""
                return Written(f'dot("{operation.spec}", {sources[0].text}, {sources[1].text}{last})')
        made = operation.python(*sources)
        return Written(f"paper({made.text})") if rounds and not isinstance(operation, Take) else made

    def _source(self, source: int, operation: Operation) -> Written:
        """Return what a source is called; a single constant is an array where NumPy needs one."""
        text = self._texts[source]
        if source not in self._single or isinstance(operation, Each):
            return text
        return Written(f"np.full({self._program.lines[source].shape}, {text.text})")

    def _inside(self, source: int, number: int) -> str:
        """Return what says which numbers are no padding, where that matters: 0 times infinity is no number."""
        if np.isfinite(self.explanation.done.numbers[number]).all():
            return ""
        inside = inside_of(self._program, source)
        return "" if inside is None else _literal(np.asarray(inside, dtype=np.float64))

    def _put_there(self, name: str, value: Value, at: Index) -> Iterator[str]:
        """Give the lines that put other numbers in the place of calculated ones."""
        instead = {
            spot.index[len(at) :]: self.explanation.done.number(spot)
            for spot in self.explanation.instead
            if (spot.call, spot.value, spot.index[: len(at)]) == (value.call, value.name, at)
        }
        if instead:
            # A copy, because the array may be another's too.
            yield f"{name} = np.array({name})"
        for index, number in instead.items():
            yield f"{name}[{', '.join(map(str, index)) or '()'}] = {_number(number)}  # changed by hand"

    def _show(self, name: str, value: Value, at: Index) -> str:
        symbol = str(self.explanation.symbols.whole(value, value.call))
        symbol += f"[{','.join(str(step + 1) for step in at)}]" if at else ""
        return f"show({json.dumps(symbol, ensure_ascii=False)}, {name})"

    def _call_it(self, number: int, value: Value | None, at: Index) -> str:
        """Return a name for a value that no other has; in a chain the tutorial's letters."""
        if value is None:
            wanted = f"part_{number}"
        else:
            symbol = self.explanation.symbols.whole(value, ())
            steps = "".join(f"_{step + 1}" for step in at)
            wanted = symbol.base if symbol.is_letter else re.sub(r"\W+", "_", value.words, flags=re.ASCII) + steps
            wanted = wanted if re.match(r"[A-Za-z]", wanted) else f"value_{wanted}"
            if not symbol.is_letter:
                while wanted in taken() or wanted in self._used:
                    wanted += "_"
        self._used.add(wanted)
        self._texts[number] = Written(wanted)
        return wanted

    def _conclusion(self) -> Iterator[str]:
        if stops := self.explanation.done.written.stops:
            yield from ("", f"# {stops}")
            return
        yield from ("", "print()")
        for at, number in enumerate(self.explanation.done.written.outputs):
            name = self._texts[number].within(ATOM)
            of = f" {at + 1}" if len(self.explanation.done.written.outputs) > 1 else ""
            yield f'show("by hand{of}", {name})'
            yield f'print("{"all digits" + of:>20} ", np.ravel({self._texts[number].within(LOOSEST)}).tolist())'


def _literal(values: Array, indent: str = "") -> str:
    """Return an array as it is written in Python: what is float32, such as a weight, with as few digits as that."""
    first, as_float32 = values.reshape(-1)[:100], values.astype(np.float32)
    is_short = any(str(one) != str(short) for one, short in zip(first, first.astype(np.float32), strict=True))
    if is_short and np.array_equal(as_float32, values, equal_nan=True):
        return f"{array_literal(as_float32, indent=indent)}.astype(float)"
    return array_literal(values, indent=indent) + ("" if values.size else f".reshape({values.shape})")


def _number(value: float) -> str:
    """Return the shortest text that gives back the same number; Python has no literals for nan and inf."""
    return re.sub("nan|inf", r"np.\g<0>", str(value))


# The source of byhand's own arithmetic, made plain


def sources_of(*names: str) -> dict[str, str]:
    """Return the source of byhand's functions of these names, each after all that it needs, by their names."""
    found: dict[str, str] = {}
    for name in names:
        _collect(name if name in _statements() else f"_{name}", found)
    return found


@cache
def _statements() -> dict[str, ast.stmt]:
    """Return what defines each name: a function, a constant, or that it is taken from math."""
    found: dict[str, ast.stmt] = {}
    for statement in (one for module in MODULES for one in ast.parse(inspect.getsource(module)).body):
        match statement:
            case ast.FunctionDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = statement
            case ast.Import(names=[ast.alias(name="math")]):
                found["math"] = statement
            case ast.ImportFrom(module="math", names=names):
                found |= {one.name: ast.ImportFrom("math", [one], 0) for one in names}
    return found


def _collect(name: str, found: dict[str, str]) -> None:
    """Put the source of what has this name into ``found``, after the sources of all that it needs."""
    statement = _statements().get(name)
    if statement is None or plain_name(name) in found:
        return
    for part in ast.walk(statement):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id != name:
            _collect(part.id, found)
    # A copy, because the statement is kept.
    found[plain_name(name)] = ast.unparse(_Plain().visit(deepcopy(statement)))


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
