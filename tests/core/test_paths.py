"""What is typed as a file: one way to a path, and a sentence for what is none."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.choices import Choices
from core.data.files import open_data
from core.data.named_file import named_file
from core.errors import Refused
from core.lessons.shelf import lesson_called
from core.paths import typed_path
from core.session.kept_steps import folder


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_path_or_a_sentence(text: str) -> None:
    try:
        path = typed_path(text)
    except Refused as refusal:
        assert str(refusal).startswith("expected ") and str(refusal).isprintable()
    else:
        assert path == Path(os.path.expanduser(text.strip()))  # noqa: PTH111
        assert str(path).isprintable() or not any(ord(one) < 32 for one in str(path))


def test_home_is_found_and_a_name_that_begins_so_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert typed_path(" ~/a.keras ") == tmp_path / "a.keras"
    assert typed_path("~") == tmp_path
    assert typed_path("./~nosuch") == Path("~nosuch")
    assert typed_path("a~b") == Path("a~b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected the name of a picture, got nothing"),
        ("  \n", "expected the name of a picture, got nothing"),
        ("~nosuch/x", "expected a home folder ~nosuch, got none on this machine; write the whole path, or ./ before"),
        ("a\nb", "expected a name on one line, got 'a?b' with a control character; type another"),
        ("a\0b", "expected a name on one line"),
        ("\x1b[2J", "expected a name on one line"),
    ],
)
def test_what_is_no_path_is_said(text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        typed_path(text, "a picture")
    assert str(refused.value).startswith(said)


def test_a_file_that_somebody_called_so_is_found(tmp_path: Path) -> None:
    odd = tmp_path / "a\nb.csv"
    odd.write_text("a,label\n1,2\n")
    assert len(open_data(typed_path(str(odd)))) == 1


def test_without_a_home_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_user: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises(Refused, match="expected your home folder, got none on this machine"):
        typed_path("~/a")
    with pytest.raises(Refused, match="expected your home folder, got none on this machine"):
        folder({})


def test_every_way_in_says_it(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"")
    for ask in (
        lambda: lesson_called("~nosuch/x.md"),
        lambda: named_file("~nosuch/x.csv row 7"),
        lambda: open_data(tmp_path / "a.npy", Choices(label_file="~nosuch/y.npy")),
    ):
        with pytest.raises(Refused, match="expected a home folder ~nosuch"):
            ask()
    for name in ("n" * 300 + ".md", "n" * 5000 + ".md"):
        with pytest.raises(Refused):
            lesson_called(name)
