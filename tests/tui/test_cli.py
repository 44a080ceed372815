"""The byhand command as a shell sees it: what it writes, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.errors import Refused
from core.model.files.opening import open_model
from core.model.save_model import save_model
from core.model.tutorial import always_right, trained
from tests.waiting import PATIENCE
from tui import __main__, cli, start

if TYPE_CHECKING:
    from argparse import Namespace

GOLDEN = {
    "hidden_weighted_sum": [-0.3814, 0.2132, 0.3766, 0.0390, -0.2098],
    "hidden_output": [-0.5112, 0.4034, 0.3715, 0.3063, -0.1133],
    "output_weighted_sum": [1.3855],
    "output": [0.9302],
}
"""The tutorial's worked example for x = (0.3, 0.1), as it prints it."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tutorial's trained model."""
    path = tmp_path_factory.mktemp("models") / "tutorial.keras"
    save_model(path, *trained(), None, None)
    return path


def byhand(*words: str | Path, timeout: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a shell does."""
    argv = [sys.executable, "-m", "tui", *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False)


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """Return standard error, which must be one line of ours, while standard output must be empty."""
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"byhand: .+\n", err)
    return err


# Usage


@pytest.mark.parametrize(
    "words",
    [
        ["--nonsense"],
        ["one.keras", "two.keras"],
        ["--strategy", "parameter_server"],
        ["--strategy"],
        ["explain"],
        ["explain", "MODEL"],
        ["explain", "MODEL", "--x", "0.3"],
        ["explain", "MODEL", "--x", "0.3,nan"],
        ["explain", "MODEL", "--x", ""],
        ["explain", "MODEL", "--x", "0.3,0.1", "--digits", "0"],
        ["explain", "MODEL", "--x", "0.3,0.1", "--digits", "10"],
        ["explain", "MODEL", "--x", "0.3,0.1", "--rounding", "up"],
        ["train"],
        ["train", "--out", "OUT", "--epochs", "0"],
        ["train", "--out", "OUT", "--epochs", "many"],
        ["train", "--out", "OUT", "--strategy", "multi_worker"],
        ["train", "--out", "OUT", "--patience", "-1"],
        ["train", "--out", "OUT", "--patience", "3", "--validation-split", "0"],
        ["train", "--out", "OUT", "--monitor", "mae"],
        ["train", "--out", "OUT", "--metrics", "auc"],
        ["train", "--out", "OUT", "--loss", "bce", "--metrics", "mean_io_u"],
        ["train", "--out", "OUT", "--loss", "ctc"],
        ["train", "--out", "OUT", "--schedule", "cosine_decay"],
        ["train", "--out", "OUT", "--optimizer-options", "momentum 0.9"],
        ["train", "--out", "OUT", "--positive-weight", "0"],
        ["train", "--out", "OUT", "--target", "1.5"],
        ["train", "--out", "OUT", "--noise", "-0.1"],
        ["train", "--out", "OUT", "--validation-split", "1.0"],
        ["train", "--out", "OUT", "--validation-split", "-0.1"],
        ["train", "--out", "OUT", "--points", "2", "--validation-split", "0.9"],
        ["train", "--out", "OUT", "--learning-rate", "nan"],
        ["train", "--out", "OUT", "--loss", "categorical_crossentropy"],
        ["train", "--out", "OUT", "--layers", "5 tanh, 2 tanh"],
        ["train", "--out", "OUT", "--preset", "3"],
        ["train", "--out", "OUT", "--epochs", "9" * 5000],
        ["set-weights", "MODEL", "nowhere", "[]", "--out", "OUT"],
        ["set-weights", "MODEL", "output", "[[[1.0]]", "--out", "OUT"],
        ["set-weights", "MODEL", "output", "[[[1.0]], [0.0]]", "--out", "OUT"],
        ["evaluate", "MODEL", "--points", "0"],
        ["evaluate", "MODEL", "--threshold", "inf"],
        ["evaluate", "MODEL"],
        ["evaluate", "MODEL", "--points", "20", "--loss", "mine"],
        ["evaluate", "MODEL", "--points", "20", "--loss", "mse,mse"],
        ["evaluate", "MODEL", "--points", "20", "--task", "classes"],
        ["evaluate", "MODEL", "--points", "20", "--validation-split", "2"],
        ["evaluate", "MODEL", "--data", "ROWS", "--labels", "nope"],
        ["evaluate", "MODEL", "--data", "ROWS", "--encoding", "nope"],
        ["evaluate", "MODEL", "--data", "ROWS", "--separator", "abc"],
        ["evaluate", "MODEL", "--data", "rows.doc"],
        ["explain", "MODEL", "--x", "0.3,0.1", "--loss", "mine", "--label", "1"],
        ["explain", "MODEL", "--x", "0.3,0.1", "--number", "nope"],
        ["train", "--out", "OUT", "--data", "ROWS", "--without", "nope"],
        ["train", "--out", "out.doc"],
        ["tutorial", "--out", "out.doc"],
        ["predict", "MODEL", "--x", "0.3,0.1", "--out", "out.doc"],
        ["convert", "MODEL", "out.doc"],
        ["set-weights", "MODEL", "output", "[]", "--out", "out.doc"],
        ["weights", "MODEL", "nope"],
        ["weights", "MODEL", "--give", "MODEL", "--out", "out.doc"],
        ["practise", "MODEL", "--x", "0.3,0.1", "--layer", "nope"],
        ["practise", "MODEL", "--x", "0.3,0.1", "--worksheet", "out.doc"],
        ["lesson", "99"],
        ["summary"],
    ],
)
def test_usage_errors_exit_with_2(
    words: list[str], model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (rows := tmp_path / "rows.csv").write_text("a,b,label\n0,1,1\n1,0,-1\n1,1,1\n")
    names = {"MODEL": str(model), "OUT": str(tmp_path / "out.keras"), "ROWS": str(rows)}
    assert cli.main([names.get(word, word) for word in words]) == 2
    assert len(one_line(capsys)) < 600
    assert not (tmp_path / "out.keras").exists()


def test_files_that_cannot_be_used_exit_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(b"PK\x03\x04 no zip at all")
    for path in (tmp_path / "missing.keras", damaged, tmp_path):
        assert cli.main(["explain", str(path), "--x", "1,2"]) == 1
        one_line(capsys)
    gone = str(tmp_path / "gone")
    for words in (
        ["summary", gone],
        ["predict", gone, "--x", "1,2"],
        ["convert", gone, f"{gone}.keras"],
        ["set-weights", gone, "output", "[]", "--out", f"{gone}.keras"],
        ["evaluate", gone],
        ["weights", gone],
        ["practise", gone, "--x", "1,2"],
        ["lesson", f"{gone}.md"],
        ["train", "--data", f"{gone}.csv", "--out", f"{gone}.keras"],
        ["tutorial", "--out", f"{gone}/out.keras"],
    ):
        assert cli.main(words) == 1, words
        one_line(capsys)


def test_a_folder_that_is_not_there_is_refused_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", "--out", str(tmp_path / "nowhere" / "model.keras")]) == 1
    assert "nowhere" in one_line(capsys)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 1, "not enough memory"),
        (Refused("two\nlines\x1b[31m"), 1, "two lines?[31m"),
        (RuntimeError("surprise"), 1, "unexpected RuntimeError: surprise"),
        (OSError(28, "No space left on device", "a.keras"), 1, "No space left on device: a.keras"),
    ],
)
def test_never_a_traceback(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(words: list[str]) -> int:
        raise error

    monkeypatch.setattr(cli, "_dispatch", fails)
    assert cli.main([]) == code
    assert one_line(capsys) == f"byhand: {message}\n"


def test_output_that_nobody_reads_is_no_traceback(model: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    argv = [sys.executable, "-m", "tui", "explain", str(model), "--x", "0.3,0.1"]
    ended = subprocess.run(argv, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, b"")


# Help and the screen


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["train", "--help"], ["explain", "--help"]])
def test_help_and_version_wait_for_no_large_package(words: list[str]) -> None:
    code = (
        "import atexit, sys; from tui.cli import main; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "sys.exit(main(sys.argv[1:]))"
    )
    argv = [sys.executable, "-c", code, *words]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=False)
    loaded = set(ended.stderr.split())
    assert ended.returncode == 0
    assert "tui.cli" in loaded
    assert not {"numpy", "msgspec", "rich", "textual", "tensorflow", "keras", "h5py"} & loaded
    assert ended.stdout.startswith(("usage: byhand", "byhand "))


@pytest.mark.parametrize(
    ("words", "started"),
    [
        (("FILE",), 1),
        (("summary", "--json", "FILE"), 1),
        (("explain", "FILE", "--x", "0.3,0.1"), 1),
        (("FILE", "--limits", "4"), 0),
        (("--limits=4", "FILE"), 0),
        (("train", "--out", "FILE"), 0),
        (("recover",), 0),
        (("summary", "nothing\0.keras"), 0),
        ((), 0),
    ],
)
def test_what_reads_a_model_is_started_before_all_else(
    words: tuple[str, ...], started: int, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = list[str]()
    monkeypatch.setenv("OPENBLAS_THREAD_TIMEOUT", "20")
    monkeypatch.setattr(sys, "argv", ["byhand", *(str(model) if word == "FILE" else word for word in words)])
    monkeypatch.setattr("tui.__main__.start_ahead", lambda: done.append("started"))
    monkeypatch.setattr("tui.cli.main", lambda _words: done.append("run"))
    __main__.main()
    assert done == ["started"] * started + ["run"]


def test_help_names_the_defaults_that_are_used(capsys: pytest.CaptureFixture[str]) -> None:
    from core.training.recipe import Recipe

    assert cli.main(["train", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    recipe = Recipe()
    words = dict.fromkeys(("optimizer_options", "loss_options", "metrics", "class_weights"), "none")
    words |= {"schedule": "constant", "task": "by the labels, the loss and the outputs"}
    for name in Recipe.__struct_fields__:
        if isinstance(getattr(recipe, name), bool):
            assert f"--{name.replace('_', '-')} " in shown
            continue
        assert re.search(
            rf"--{name.replace('_', '-')} [A-Z_]+ [^-]*\({words.get(name, getattr(recipe, name))}\)", shown
        ) or name in ("task", "baseline", "by_output", "metrics_by_output"), name


def test_no_terminal_is_refused_in_a_line(model: Path) -> None:
    ended = byhand(model)
    assert ended.returncode == 2
    commands = "the commands that byhand --help lists, such as byhand summary and byhand predict"
    assert re.fullmatch(rf"byhand: expected a terminal.*{commands}\n", ended.stderr)


def test_a_word_that_is_neither_file_nor_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words, nearest in (
        (["explian"], "did you mean explain?"),
        (["practice", "my.keras", "--x", "1"], "did you mean practise?"),
        (["Lessons", "--help"], "did you mean lesson?"),
        (["guess", "my.keras", "--x", "1"], "train, tutorial, summary, predict, explain, set-weights, evaluate"),
        (["--strategy", "mirrored", "weight"], "did you mean weights"),
    ):
        assert cli.main(words) == 2
        said = one_line(capsys)
        named = "weight" if words[0].startswith("-") else words[0]
        assert said.startswith(f"byhand: {named}: there is no such command, and no file of that name; ")
        assert nearest in said and "unrecognized" not in said


@pytest.mark.parametrize("command", ["", *cli.COMMANDS])
def test_no_line_of_help_is_wider_than_a_terminal(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main([*filter(None, [command]), "--help"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_the_tutorials_model_ends_in_the_tutorials_prediction(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "tutorial.keras")
    assert cli.main(["tutorial", "--out", path]) == 0
    assert capsys.readouterr().out.endswith("its point is --x 0.3,0.1\n")
    for rounding, end in (("shown", "tanh(1.6596) = 0.9302"), ("carried", "tanh(1.6594) = 0.9301")):
        assert cli.main(["explain", path, "--x", "0.3,0.1", "--rounding", rounding]) == 0
        assert f"  y = tanh(z1) = {end}\n" in capsys.readouterr().out


def test_a_model_that_is_not_there_is_no_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["nowhere.keras"]) == 1
    assert "there is no file 'nowhere.keras'" in one_line(capsys)


def test_a_file_called_like_a_command_is_opened_with_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Path | None, str | None]] = []

    def begin(arguments: Namespace) -> int:
        opened.append((arguments.model, arguments.strategy))
        return 0

    monkeypatch.setattr(cli, "_start_screen", begin)
    assert cli.main(["./train"]) == 0
    assert cli.main([]) == 0
    assert cli.main(["--strategy", "mirrored", "./train"]) == 0
    assert opened == [(Path("train"), None), (None, None), (Path("train"), "mirrored")]


# Explain


def test_the_tutorials_numbers_as_json(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", str(model), "--x", "0.3,0.1", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    hidden, output = (
        {value["name"]: [round(number, 4) for number in value["numbers"]] for value in call["values"]}
        for call in shown["calls"]
    )
    assert {
        "hidden_weighted_sum": hidden["weighted sum"],
        "hidden_output": hidden["output"],
        "output_weighted_sum": output["weighted sum"],
        "output": output["output"],
    } == GOLDEN
    assert (shown["calls"][0]["call"], shown["inputs"][0]["numbers"]) == (["hidden"], [0.3, 0.1])
    assert (shown["outputs"][0]["keras"], shown["outputs"][0]["check"], shown["verdict"]) == (None, None, None)


def test_the_tutorials_numbers_as_text(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", str(model), "--x", "0.3,0.1"]) == 0
    shown = capsys.readouterr().out
    for number in (number for numbers in GOLDEN.values() for number in numbers):
        assert f"{number:.4f} ]" in shown


def test_rounding_and_digits(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", str(model), "--x", "0.3,0.1", "--rounding", "carried"]) == 0
    assert "by hand  0.9301 " in capsys.readouterr().out
    assert cli.main(["explain", str(model), "--x", "0.3,0.1", "--digits", "2"]) == 0
    assert "by hand  0.93 " in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--x", "-0.3,0.1"], ["--x=-0.3,0.1"], ["--x", "-.3,.1"], ["--x", "[-0.3, 0.1]"]])
def test_a_negative_first_number(words: list[str], model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", str(model), "--format", "json", *words]) == 0
    assert json.loads(capsys.readouterr().out)["inputs"][0]["numbers"] == [-0.3, 0.1]


def test_set_weights_keeps_the_file_that_it_read(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, new = model.read_bytes(), tmp_path / "new.keras"
    arrays = "[array([[1.], [2.], [3.], [4.], [5.]], dtype=float32), array([-0.5], dtype=float32)]"
    assert cli.main(["set-weights", str(model), "output", arrays, "--out", str(new)]) == 0
    assert "output now holds the 6 numbers given" in capsys.readouterr().out
    assert open_model(new).weights.layers[1][0].ravel().tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert model.read_bytes() == before


# With Keras: each starts the real engine


def test_keras_agrees_with_the_hand(model: Path) -> None:
    ended = byhand("explain", model, "--x", "0.3,0.1", "--format", "json", "--check")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    (output,) = shown["outputs"]
    assert output["keras"][0] == pytest.approx(0.93015909, abs=3e-7)
    assert output["check"]["max_abs_difference"] < 1e-6 and shown["verdict"] == {"agree": True, "parting": None}


def test_the_text_says_the_tolerance_of_the_check(model: Path) -> None:
    ended = byhand("explain", model, "--x", "0.3,0.1", "--check")
    assert ended.returncode == 0, ended.stderr
    difference, agree = ended.stdout.splitlines()[-2:]
    assert difference.startswith("Keras    0.9302 (") and ", tolerance " in difference
    assert agree.startswith("every layer's outputs agree; the tolerance is what rounding")


def test_the_model_that_is_always_right(tmp_path: Path) -> None:
    start, right = tmp_path / "start.keras", tmp_path / "right.keras"
    save_model(start, *always_right(2, -3.0), None, None)
    assert byhand("set-weights", start, "output", "[[[1.0],[1.0]], [-0.5]]", "--out", right).returncode == 0
    ended = byhand("evaluate", right, "--points", "200", "--seed", "1", "--loss", "hinge", "--json")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    assert (shown["correct"], shown["points"], shown["sign_accuracy"], shown["failures"]) == (200, 200, 1.0, [])
    assert shown["threshold"] == 0.5
    assert shown["confusion_matrix"]["counts"][0][0] + shown["confusion_matrix"]["counts"][1][2] == 200
    assert shown["keras"]["binary_accuracy"] < 0.6
    assert shown["baseline"] > 0.8


def test_train_saves_what_it_says(tmp_path: Path) -> None:
    out = tmp_path / "trained.keras"
    ended = byhand("train", "--epochs", "2", "--seed", "3", "--points", "60", "--out", out, "--json")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    assert len(shown["history"]["loss"]) == len(shown["history"]["val_loss"]) == 2
    assert (shown["settings"]["epochs"], shown["settings"]["seed"], shown["settings"]["points"]) == (2, 3, 60)
    assert (shown["engine"], shown["out"], shown["devices"]) == ("xla", str(out), [])
    assert (shown["epoch"], shown["reason"]) == (2, "")
    assert shown["keras"]
    opened = open_model(out)
    assert opened.network.widths() == (2, 5, 1)
    assert "\x1b" not in ended.stderr


def test_train_stops_by_a_rule_and_says_why(tmp_path: Path) -> None:
    more = ("--optimizer", "sgd", "--optimizer-options", "momentum 0.9", "--schedule", "cosine_decay decay_steps 90")
    words = ("--target", "0.5", "--noise", "0.1", "--points", "60", "--metrics", "mse", "--class-weights", "1,2", *more)
    ended = byhand("train", *words, "--out", tmp_path / "trained.keras", "--json")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    assert shown["reason"] == "sign_accuracy reached 0.5"
    assert shown["epoch"] == len(shown["history"]["loss"]) < shown["settings"]["epochs"]
    settings = shown["settings"]
    assert (settings["target"], settings["noise"], settings["class_weights"]) == (0.5, 0.1, [1, 2])
    assert settings["optimizer_options"] == {"momentum": 0.9}
    assert settings["schedule"] == {"name": "cosine_decay", "decay_steps": 90}
    assert settings["metrics"] == ["mean_squared_error"]
    assert len(shown["history"]["val_mean_squared_error"]) == shown["epoch"]


DATA = "x1,x2,label,weight\n" + "".join(f"{x / 9},{-x},{x % 2},{x / 4}\n" for x in range(40))


def test_a_file_of_ones_own_is_trained_on_and_evaluated(tmp_path: Path) -> None:
    data, out = tmp_path / "mine.csv", tmp_path / "trained.keras"
    rows = DATA.splitlines()
    numbered = [f"{place},{row}" for place, row in enumerate([rows[1], "7,,1,1", *rows[2:]])]
    data.write_text("\n".join([f"id,{rows[0]}", *numbered]))
    how = ("--data", data, "--leave-out-empty")
    ended = byhand("train", *how, "--epochs", "2", "--validation-split", "0", "--out", out, "--json")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    settings = {name: shown["settings"][name] for name in ("data", "points", "inputs", "sample_weights")}
    assert settings == {"data": str(data), "points": 40, "inputs": 2, "sample_weights": True}
    assert not {"threshold", "noise", "data_seed"} & shown["settings"].keys()
    ended = byhand("evaluate", out, *how)
    assert ended.returncode == 0, ended.stderr
    left_out = "column id left out: an index; row 2 left out: empty cells; in brackets are the file's own row numbers"
    assert f"byhand: mine.csv: {left_out}\n" in ended.stderr
    assert "mine.csv: 40 rows of 2 inputs, weights from 0 to 9.75." in ended.stdout
    assert "Weights count in the loss of a training alone; counts, accuracies and confusion go by rows." in ended.stdout
    shown = json.loads(byhand("evaluate", out, *how, "--json").stdout)
    assert shown["failures_in_file"] == [row + (row > 0) for row in shown["failures"]]
    assert (shown["data"], shown["points"], shown["sample_weights"]) == (str(data), 40, True)
    assert "seed" not in shown


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["train", "--out", "OUT", "--points", "3"], 2, "expected --data or --points, got both"),
        (["train", "--out", "OUT", "--data-seed", "3"], 2, "expected --data or --data-seed, got both"),
        (["train", "--out", "OUT", "--preset", "1"], 2, "expected --data or --preset, got both"),
        (
            ["train", "--out", "OUT", "--class-weights", "1,2"],
            2,
            "expected weights of rows or of classes, got both",
        ),
        (["train", "--out", "OUT", "--layers", "2", "--task", "signs"], 2, "expected a model with 1 output"),
        (["evaluate", "WIDE", "--seed", "3"], 2, "expected --data or --seed, got both"),
        (
            ["evaluate", "WIDE"],
            1,
            "expected data of 3 inputs for this model, got data of 2; its label is among the 3 columns",
        ),
        (["evaluate", "WIDE", "--skip", "x"], 2, "expected lines to leave out as a whole number from 0 to 10,000"),
        (["evaluate", "WIDE", "--part", "test"], 2, "expected an .npz file, whose test part is taken alone"),
        (["--lesson", "1"], 2, "expected --data or --lesson, got both"),
    ],
)
def test_what_does_not_go_with_a_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, sentence: str
) -> None:
    (tmp_path / "mine.csv").write_text(DATA)
    save_model(tmp_path / "wide.keras", *always_right(3, 1.5), None, None)
    places = {"OUT": str(tmp_path / "out.keras"), "WIDE": str(tmp_path / "wide.keras")}
    assert cli.main([*(places.get(word, word) for word in words), "--data", str(tmp_path / "mine.csv")]) == code
    assert sentence in one_line(capsys)
    assert not (tmp_path / "out.keras").exists()


def test_the_screen_is_refused_data_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no file"):
        start.run(None, data=tmp_path / "none.csv")


def test_train_on_every_device(tmp_path: Path) -> None:
    out = tmp_path / "trained.keras"
    ended = byhand("train", "--strategy", "mirrored", "--epochs", "2", "--out", out, "--json")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    devices = shown["devices"]
    assert shown["engine"] == f"mirrored, {len(devices)} device{'s' if len(devices) > 1 else ''}"
    assert ("found one device" in ended.stderr) == (len(devices) == 1)
    assert open_model(out).network.widths() == (2, 5, 1)
