"""What is loaded ahead is all that the screen imports as late as a key needs it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEFORE = {"__main__", "browser_driver", "cli", "drivers", "options", "start"}
"""Modules of the screen that run before there is one."""

ELSEWHERE = {"archive", "engine", "headless"}
"""Where that is which other processes run, and what needs no screen."""

LOADED = """
import json, sys
from tui.five_tabs import DATA, pages
from tui.loaded_ahead import load
import tui.app, tui.lesson_guide
list(pages(DATA))
load()
print(json.dumps(sorted(sys.modules)))
"""


def imported_late(path: Path) -> set[str]:
    """Return what the functions of a file import of byhand's own modules."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    found = (node for function in functions for node in ast.walk(function) if isinstance(node, ast.ImportFrom))
    return {node.module for node in found if node.module and node.module.split(".")[0] in ("core", "tui")}


def test_no_key_has_a_module_imported_that_could_be_there() -> None:
    files = [
        path for part in ("core", "tui") for path in (ROOT / part).rglob("*.py") if not set(path.parts) & ELSEWHERE
    ]
    late = set[str]().union(*(imported_late(path) for path in files if path.stem not in BEFORE))
    ran = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, check=True)
    missing = {name for name in late - set(json.loads(ran.stdout)) if not set(name.split(".")) & ELSEWHERE}
    assert len(late) > 30
    assert not missing
