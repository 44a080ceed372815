"""Damaged files of the kinds that byhand reads in its own process: data, lessons, practice, steps and journals.

Where a checksum or a digest would hide the damage, it is right again in most of them.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from core.data.dataset import PRESETS, DataFile, Dataset, generate
from core.data.files import open_data
from core.data.makers import SumRule
from core.data.saved import save_data
from core.errors import Refused
from core.journal import shelf
from core.journal.journal import Journal
from core.journal.records import MAGIC, framed, records
from core.journal.writing import Moment
from core.lessons import progress as kept_lesson
from core.lessons.progress import Progress, start
from core.lessons.reader import lesson_of
from core.lessons.shelf import built_in
from core.lessons.source import from_file
from core.model import tutorial
from core.operations.rounding import Rounding
from core.practice import saved as practice
from core.practice.marks import When
from core.practice.sheet import Level, by_level, work
from core.practice.sitting import begin
from core.session import kept_steps
from core.session.session import Session
from tests.damage import spoilt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Spoil = Callable[[bytes, random.Random], bytes]
    Read = Callable[[Path, bytes], bool]

WORDS = (
    b"", b"nan", b"inf", b"-inf", b"1e999", b"-1e-999", b"0", b"-0.0", b"9" * 400, b"1e308", b"1_000", b"0x10",
    b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\0", b"#", b"=1+1", b"[", b"]", b"{", b"}", b"(", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\xd9\xa0\xd9\xa1", "１２".encode(), b"true", b"None", b"label", b"weight",
    b"../x", b"-" * 99,
)  # fmt: skip
"""What stands in a text in place of another word."""

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 255, 1 << 31, 1 << 40, (1 << 63) - 1, -(1 << 63), 0.5, -0.0, 1e308, 5e-324,
    "", "x", "relu", "a\nb", "\0", "../x", "\u202e", "9" * 400, [], {}, [0], [[0]], [None], {"x": 1},
    {"class_name": "Dense"},
)  # fmt: skip
"""What stands in a description in place of another value."""


def words_changed(data: bytes, choice: random.Random) -> bytes:
    """Return a text with some of its words others, or lines twice, gone or in another order; or plain damage."""
    if choice.random() < 0.25:
        return spoilt(data, choice)
    lines = data.splitlines(keepends=True)
    for _ in range(choice.choice([1, 1, 2, 5])):
        place, other = choice.randrange(len(lines)), choice.randrange(len(lines))
        match choice.choice(["word", "word", "word", "twice", "gone", "swapped", "cut"]):
            case "word":
                words = lines[place].replace(b",", b" , ").split(b" ")
                words[choice.randrange(len(words))] = choice.choice(WORDS)
                lines[place] = b" ".join(words).replace(b" , ", b",")
            case "twice":
                lines.insert(other, lines[place])
            case "gone" if len(lines) > 1:
                del lines[place]
            case "swapped":
                lines[place], lines[other] = lines[other], lines[place]
            case "cut":
                lines[place] = lines[place][: choice.randrange(len(lines[place]) + 1)]
    return b"".join(lines)


def value_changed(value: Any, choice: random.Random) -> Any:
    """Return a description with one value in it another, gone or twice."""
    if isinstance(value, dict) and value and choice.random() < 0.95:
        name = choice.choice(sorted(value))
        other = {**value, name: value_changed(value[name], choice)}
        if choice.random() < 0.05:
            del other[name]
        return other
    if isinstance(value, list) and value and choice.random() < 0.9:
        place = choice.randrange(len(value))
        changed = value_changed(value[place], choice)
        return [*value[:place], *choice.choice([[changed]] * 8 + [[], [changed] * 2]), *value[place + 1 :]]
    if isinstance(value, int | float) and not isinstance(value, bool) and choice.random() < 0.5:
        return choice.choice([value + 1, value - 1, -value, value * 2, float(value)])
    return choice.choice(VALUES)


def json_changed(data: bytes, choice: random.Random) -> bytes:
    """Return JSON with some of its values others, or plain damage."""
    if choice.random() < 0.25:
        return words_changed(data, choice)
    value = json.loads(data)
    for _ in range(choice.choice([1, 1, 2, 4])):
        value = value_changed(value, choice)
    return json.dumps(value).encode()


def records_changed(data: bytes, choice: random.Random) -> bytes:
    """Return a journal, or a file of steps, with some of its records others; their checksums are right."""
    if choice.random() < 0.1:
        return spoilt(data, choice)
    held = [(bytes(record.part), bytes(record.bulk)) for record in records(memoryview(data))]
    for _ in range(choice.choice([1, 1, 1, 2, 4])):
        place, other = choice.randrange(len(held)), choice.randrange(len(held))
        part, bulk = held[place]
        match choice.choice(["value", "value", "value", "bytes", "bulk", "gone", "twice", "swapped"]):
            case "value":
                # It may be damaged already.
                with suppress(OverflowError, ValueError, msgspec.MsgspecError):
                    held[place] = msgspec.msgpack.encode(value_changed(msgspec.msgpack.decode(part), choice)), bulk
            case "bytes":
                held[place] = spoilt(part, choice), bulk
            case "bulk" if bulk:
                held[place] = part, spoilt(bulk, choice)
            case "gone" if len(held) > 1:
                del held[place]
            case "twice":
                held.insert(other, held[place])
            case "swapped":
                held[place], held[other] = held[other], held[place]
    return MAGIC + b"".join(b"".join(framed(part, [bulk])) for part, bulk in held)


def members_changed(data: bytes, choice: random.Random) -> bytes:
    """Return a zip with one of its members damaged, whose checksum is right; or plain damage."""
    if choice.random() < 0.25:
        return spoilt(data, choice)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    name = choice.choice(sorted(contents))
    # Most of a member is numbers, and any numbers do: half of the damage is where its header is.
    contents[name] = (
        spoilt(contents[name], choice) if choice.random() < 0.5 else _header_changed(contents[name], choice)
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", choice.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for each, content in contents.items():
            other = choice.choice(["other.npy", "x/y.npy", "a"]) if choice.random() < 0.05 else each
            archive.writestr(each if other in archive.namelist() else other, content)
    return buffer.getvalue()


def _header_changed(data: bytes, choice: random.Random) -> bytes:
    return words_changed(data[:128], choice) + data[128:]


@dataclass(frozen=True)
class Kind:
    """A kind of file: ``good`` ones, how they are spoilt, and how one is read, which returns whether it opened."""

    good: Callable[[], Sequence[bytes]]
    spoil: Spoil
    read: Read

    def mutant(self, seed: int) -> bytes:
        """Return a damaged file, the same for the same seed."""
        choice = random.Random(seed)
        return self.spoil(choice.choice(self.good()), choice)


# Data


@cache
def tables() -> tuple[bytes, ...]:
    """Return files of data as text."""
    made = generate(SumRule(12, 2))
    named = Dataset(
        made.points, np.arange(12, dtype=np.float32)[:, np.newaxis] % 3, DataFile("a"), classes=("a", "b", "ü")
    )
    saved = [
        _saved(".csv", one)
        for one in (made, named, Dataset(made.points, made.labels, DataFile("a"), made.labels[:, 0]))
    ]
    return (
        *saved,
        b"sepal length;sepal width;species\n5,1;3,5;setosa\n4,9;3,0;setosa\n7,0;3,2;versicolor\n6,4;3,2;virginica\n",
        b'# a comment\nid\tname\tx1\tlabel: y\n1\t"a, ""b"""\t0.5\t1\n2\tc\t-1e-3\t0\n3\td\t\t1\n',
        "年,月,label\n1.5,2.5,1\n3.5,4.5,0\n".encode("utf-16"),
        b"1 2 3\n4 5 6\n7 8 9\n",
    )  # fmt: skip


@cache
def arrays() -> tuple[bytes, ...]:
    """Return files of data as arrays."""
    made = generate(SumRule(12, 2))
    images = Dataset(np.ones((4, 12), np.float32), made.labels[:4], DataFile("a"), shape=(2, 2, 3))
    buffer = io.BytesIO()
    np.savez(
        buffer, x_train=np.ones((4, 2, 2), "u1"), y_train=np.arange(4), x_test=np.ones((2, 2, 2), "u1"), y_test=[0, 1]
    )
    return _saved(".npz", made), _saved(".npz", images), _saved(".npz", generate(PRESETS[1].rule)), buffer.getvalue()


def _saved(ending: str, dataset: Dataset) -> bytes:
    with TemporaryDirectory() as folder:
        save_data(path := Path(folder) / f"a{ending}", dataset)
        return path.read_bytes()


@cache
def one_array() -> tuple[bytes, ...]:
    """Return files of points alone."""

    def written(array: np.ndarray) -> bytes:
        buffer = io.BytesIO()
        np.save(buffer, array)
        return buffer.getvalue()

    return tuple(map(written, (np.ones((5, 3)), np.asfortranarray(np.ones((4, 2), ">f4")), np.ones((2, 3, 3), "u1"))))


def read_data(folder: Path, data: bytes, ending: str) -> bool:
    (path := folder / f"a{ending}").write_bytes(data)
    Session().take_data(open_data(path))
    return True


# Lessons and practice


@cache
def lessons() -> tuple[bytes, ...]:
    """Return the texts of lessons."""
    return tuple("\n".join(line.text for line in one.source.lines).encode() for one in built_in() + built_in("ja"))


def read_a_lesson(folder: Path, data: bytes) -> bool:
    (path := folder / "a.md").write_bytes(data)
    lesson = lesson_of(from_file(path))
    start(Session(), lesson)
    return True


@cache
def lessons_under_way() -> tuple[bytes, ...]:
    """Return lessons that have begun, as a journal keeps them."""
    return tuple(
        kept_lesson.save(one, Progress(step, 1, skipped=frozenset({0}))) for step, one in enumerate(built_in())
    )


def begun_changed(data: bytes, choice: random.Random) -> bytes:
    """Return a lesson under way with a value or its text another."""
    value = msgspec.msgpack.decode(data)
    if choice.random() < 0.5:
        text = words_changed(value["text"].encode(), choice).decode(errors="replace")
        return msgspec.msgpack.encode({**value, "text": text})
    return msgspec.msgpack.encode(value_changed(value, choice)) if choice.random() < 0.8 else spoilt(data, choice)


def resume_a_lesson(_: Path, data: bytes) -> bool:
    lesson, progress = kept_lesson.resume(data)
    progress.current(lesson)
    return True


NETWORK, WEIGHTS = tutorial.trained()


@cache
def practices() -> tuple[bytes, ...]:
    """Return practices that were left."""
    made = work(NETWORK.graph, WEIGHTS.by_name(NETWORK), [np.array([0.3, 0.1])], Rounding.SHOWN, 4)
    sittings = [begin(by_level(made, level, 1), when) for level in Level for when in When]
    return tuple(practice.save(one.answered(one.open()[0], "0.5"), 3.0) for one in sittings)


def read_a_practice(_: Path, data: bytes) -> bool:
    sitting = practice.resume(data, NETWORK.graph, WEIGHTS.by_name(NETWORK))
    for spot in list(sitting.blanks)[:3]:
        sitting.question(spot)
        sitting.shown(spot)
        sitting.hints_given(spot)
    return True


# Steps and journals


def worked() -> Session:
    """Return a session with steps of several kinds, one of them undone."""
    session = Session()
    session.set_number(0, 0, (1, 1), 2.5)
    session.take_data(generate(SumRule(20, 2)))
    session.runs.start()
    stacked = tuple(tuple(array[np.newaxis] + 1 for array in one) for one in session.state.model.weights.layers)
    session.runs.add_epochs([{"loss": 1.0, "accuracy": 0.5}], 1.0, [1], stacked, "xla")
    session.runs.finish(
        tuple(tuple(array + 1 for array in one) for one in session.state.model.weights.layers),
        9.0,
        stopped=True,
        epoch=1,
        method="xla",
        reason="",
    )
    session.freeze(1)
    session.set_number(0, 1, (3,), -1.0)
    session.trail.undo()
    return session


@cache
def steps() -> tuple[bytes, ...]:
    """Return the steps of a session."""
    return (kept_steps.encode(worked().trail.steps),)


def read_steps(_: Path, data: bytes) -> bool:
    path = kept_steps.file_of(NETWORK, WEIGHTS)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    found = kept_steps.taken_up(NETWORK, WEIGHTS)
    if found is not None:
        _go_through(Session(), found)
    return found is not None


@cache
def journals() -> tuple[bytes, ...]:
    """Return the journal of a session that ended."""
    session = Session()
    (path := shelf.new_path()).unlink(missing_ok=True)
    journal = Journal(path, None, print)
    for one in (session, worked()):
        journal._write(Moment(one.state, one.trail.steps, None, "weights", {"practice": lambda: b"{}"}))
    data = path.read_bytes()
    journal.discard()
    return (data,)


def read_a_journal(_: Path, data: bytes) -> bool:
    (path := shelf.new_path()).write_bytes(data)
    opened = False
    try:
        for found in shelf.look().left:
            recovered = shelf.read(found)
            session = Session()
            session.trail.become(recovered.state, recovered.steps)
            _go_through(session, None)
            opened = True
    finally:
        path.unlink(missing_ok=True)
    return opened


def _go_through(session: Session, found: Any) -> None:
    if found is not None:
        session.trail.become(session.state, found)
    with suppress(Refused):
        while True:
            session.trail.undo()
    with suppress(Refused):
        while True:
            session.trail.redo()


KINDS = {
    ".csv": Kind(tables, words_changed, lambda folder, data: read_data(folder, data, ".csv")),
    ".npz of data": Kind(arrays, members_changed, lambda folder, data: read_data(folder, data, ".npz")),
    ".npy": Kind(one_array, _header_changed, lambda folder, data: read_data(folder, data, ".npy")),
    "a lesson": Kind(lessons, words_changed, read_a_lesson),
    "a lesson under way": Kind(lessons_under_way, begun_changed, resume_a_lesson),
    "a practice": Kind(practices, json_changed, read_a_practice),
    "steps": Kind(steps, records_changed, read_steps),
    "a journal": Kind(journals, records_changed, read_a_journal),
}
"""The kinds of files by what a table calls them."""
