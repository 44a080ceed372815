"""The walls of the house: who may import whom, and that breaking one is noticed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the packages in ``folder``, not over installed ones."""
    argv = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {LINT}", "--no-cache"]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the packages that a test may break."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("core", "tui"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_walls_stand(house: Path) -> None:
    ended = lint(house)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 broken" in ended.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("tui/terminal.py", "import keras", "the screen never imports Keras"),
        ("tui/headless/explain.py", "import tensorflow", "the screen never imports Keras"),
        ("core/tasks/scores.py", "import textual", "core never knows the screen"),
        ("core/session/session.py", "import tui.terminal", "core never knows the screen"),
        ("core/activations.py", "import keras", "only the engine's own process speaks to Keras"),
        ("core/engine/run.py", "import tensorflow", "only the engine's own process speaks to Keras"),
        ("core/engine/client.py", "import core.engine.compiled", "nobody else imports what the engine's process runs"),
        ("tui/app.py", "import core.engine.loop", "nobody else imports what the engine's process runs"),
    ],
)
def test_a_broken_wall_is_named(house: Path, file: str, line: str, contract: str) -> None:
    with (house / file).open("a") as source:
        source.write(f"\n{line}\n")
    ended = lint(house)
    assert ended.returncode != 0
    assert f"{contract} BROKEN" in ended.stdout


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh process has imported after ``code``."""
    names = "sorted({name.partition('.')[0] for name in sys.modules})"
    script = f"import sys, json, io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()):\n    {code}\n"
    script += f"print(json.dumps({names}))"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(ended.stdout))


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["train", "--help"], ["evaluate", "--help"]])
def test_help_imports_nothing_large(words: list[str]) -> None:
    modules = modules_after(f"from tui.cli import main; assert main({words!r}) == 0")
    assert modules.isdisjoint({"textual", "rich", "numpy", "msgspec", "h5py", "tensorflow", "keras"})


def test_explain_never_imports_keras(tmp_path: Path) -> None:
    path = str(tmp_path / "model.keras")
    save = f"from pathlib import Path; from core.model.save_model import save_model; save_model(Path({path!r}), "
    modules_after(f"from core.model.tutorial import trained; {save}*trained(), None, None)")
    modules = modules_after(f"from tui.cli import main; assert main(['explain', {path!r}, '--x', '0.3,0.1']) == 0")
    assert "numpy" in modules
    assert modules.isdisjoint({"textual", "rich", "tensorflow", "keras", "h5py"})


def test_the_commands_import_lazily() -> None:
    modules = modules_after("import tui.cli, tui.headless.train, tui.headless.evaluate, tui.headless.set_weights")
    assert modules.isdisjoint({"textual", "numpy", "tensorflow", "keras"})
