"""How functions and operations are written: in text, in LaTeX, as a spreadsheet's formula, and in Python with NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOSEST, SUM, PRODUCT, ATOM = range(4)
"""How closely what is written binds: a comparison least, then a sum, then a product; one number and a call most."""


class Written(NamedTuple):
    """Something that is written, and how closely it binds."""

    text: str
    binds: int = ATOM

    def within(self, needed: int) -> str:
        """Return it as it stands where so much is needed: in brackets if it binds less, or begins with a sign."""
        return f"({self.text})" if self.binds < needed or (self.text[:1] == "-" and needed > LOOSEST) else self.text


class Form(NamedTuple):
    """How a function is written in one notation: ``text`` has a place for each part, in an order of its own.

    ``binds`` is how closely that binds, and ``parts`` how closely each part must, to stand there without brackets.
    """

    text: str
    binds: int = ATOM
    parts: tuple[int, ...] = (LOOSEST, LOOSEST, LOOSEST)

    def of(self, parts: Sequence[Written]) -> Written:
        """Return the function of what was written before."""
        needed = zip(parts, self.parts, strict=False)
        return Written(self.text.format(*(part.within(least) for part, least in needed)), self.binds)


class Forms(NamedTuple):
    """How a function is written in every notation."""

    text: Form
    latex: Form
    cell: Form
    python: Form


def between(sign: str, binds: int, parts: tuple[int, int], latex: Form | None = None) -> Forms:
    """Return the forms of what stands between its two parts everywhere."""
    spaced = Form(f"{{}} {sign} {{}}", binds, parts)
    return Forms(spaced, latex or spaced, Form(f"{{}}{sign}{{}}", binds, parts), spaced)


def call(name: str, latex: str, cell: str, python: str, parts: int = 1) -> Forms:
    """Return the forms of what is called by a name everywhere; one that has its places already is left as it is."""
    places = ", ".join(["{}"] * parts)

    def form(text: str) -> Form:
        return Form(text if "{" in text.replace("{{", "") else f"{text}({places})")

    return Forms(form(name), form(latex), form(cell), form(python))


def compared(sign: str, latex: str, python: str) -> Forms:
    """Return the forms of a comparison, which is 1 where it holds and 0 where it does not."""
    return Forms(
        Form(f"{{}} {sign} {{}}", LOOSEST, (SUM, SUM)),
        Form(f"[{{}} {latex} {{}}]", ATOM, (SUM, SUM)),
        Form(f"IF({{}}{sign}{{}},1,0)", ATOM, (SUM, SUM)),
        Form(f"np.{python}({{}}, {{}}) * 1.0", PRODUCT),
    )


OPERATOR = r"\operatorname{{%s}}"

FORMS = {
    "add": between("+", SUM, (SUM, SUM)),
    "subtract": between("-", SUM, (SUM, PRODUCT)),
    "multiply": between("*", PRODUCT, (PRODUCT, ATOM), Form(r"{} \cdot {}", PRODUCT, (PRODUCT, ATOM))),
    "divide": between("/", PRODUCT, (PRODUCT, ATOM), Form(r"\frac{{{}}}{{{}}}", PRODUCT)),
    "maximum": call("max", r"\max", "MAX({},{})", "np.maximum", 2),
    "minimum": call("min", r"\min", "MIN({},{})", "np.minimum", 2),
    "negative": Forms(*[Form("-{}", PRODUCT, (PRODUCT,))] * 4),
    "absolute": call("|{}|", r"\lvert {} \rvert", "ABS", "np.abs"),
    "truncate": call("trunc", OPERATOR % "trunc" + "({})", "TRUNC", "np.trunc"),
    "square": Forms(
        Form("{}^2", ATOM, (ATOM,)), Form("{}^{{2}}", ATOM, (ATOM,)), Form("POWER({},2)"), Form("np.square({})")
    ),
    "power": Forms(
        Form("{}^{}", ATOM, (ATOM, ATOM)),
        Form("{}^{{{}}}", ATOM, (ATOM, LOOSEST)),
        Form("POWER({},{})"),
        Form("np.power({}, {})"),
    ),
    "sqrt": call("sqrt", r"\sqrt{{{}}}", "SQRT", "np.sqrt"),
    "exp": call("exp", r"\exp", "EXP", "np.exp"),
    "expm1": Forms(Form("exp({}) - 1", SUM), Form(r"\exp({}) - 1", SUM), Form("EXP({})-1", SUM), Form("np.expm1({})")),
    "log": call("log", r"\log", "LN", "np.log"),
    "tanh": call("tanh", r"\tanh", "TANH", "np.tanh"),
    # Beyond 700, exp overflows in a spreadsheet; there the result is 0 or 1 to more digits than a cell has.
    "sigmoid": Forms(
        Form("sigmoid({})"), Form(r"\sigma({})"), Form("1/(1+EXP(-MAX({},-700)))", PRODUCT), Form("sigmoid({})")
    ),
    "softplus": Forms(
        Form("log(1 + exp({}))"),
        Form(r"\log(1 + \exp({}))"),
        Form("MAX({0},0)+LN(1+EXP(-ABS({0})))", SUM),
        Form("np.logaddexp(0.0, {})"),
    ),
    "cosh": call("cosh", r"\cosh", "COSH", "np.cosh"),
    "sin": call("sin", r"\sin", "SIN", "np.sin"),
    "cos": call("cos", r"\cos", "COS", "np.cos"),
    "erf": call("erf", OPERATOR % "erf" + "({})", "ERF", "erf"),
    # Beside 1e9 float32 has steps of 64.
    "far_below": Forms(
        Form("{} - 1e9 as float32", SUM, (SUM,)),
        Form("{} - 10^{{9}}", SUM, (SUM,)),
        Form("64*ROUND(({}-1E9)/64,0)", PRODUCT, (SUM,)),
        Form("far_below({})"),
    ),
    "above": compared(">", ">", "greater"),
    "at_least": compared(">=", r"\ge", "greater_equal"),
    "equal": compared("=", "=", "equal"),
    "where": Forms(
        Form("{1} if {0}, else {2}", LOOSEST),
        Form(r"{1} \text{{ if }} {0} \text{{, else }} {2}", LOOSEST),
        Form("IF({0}<>0,{1},{2})"),
        Form("np.where({0}, {1}, {2})"),
    ),
}
"""How each function of :data:`~core.operations.functions.FUNCTIONS` is written."""
