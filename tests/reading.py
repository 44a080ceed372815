"""Model files read in the test's own process, without starting one for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from core.model.archive import maker, process, reader
from core.model.archive.protocol import Parts, ReadParts, Refusal, encode, read_answer
from core.model.files.assembled import assembled
from core.model.files.earlier import as_keras_3
from core.model.files.opening import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model.archive.protocol import Answer, Request
    from core.model.between import Content, FileInMemory


def answer(request: Request, file: Content) -> Answer:
    """Return the answer of the limited process."""
    return read_answer(process.answer(reader.read, encode(request), file))


def exchange_here(
    sent: bytes, file: FileInMemory, _most: int, _seconds: float, command: Sequence[str] = ()
) -> tuple[int, bytes]:
    """Answer as the limited processes do, without starting one."""
    return 0, process.answer(maker.make if command else reader.read, sent, file.content)


def answer_on_model(file: Content) -> Answer:
    """Return that on a model, or why it isn't opened for the tabs."""
    found = answer(ReadParts(), file)
    return as_opened(found, file) if isinstance(found, Parts) else found


def as_opened(found: Parts, file: Content) -> Parts | Refusal:
    """Return what was found in a model's ``file``, or why it isn't opened for the tabs."""
    try:
        with named("it"):
            assembled(as_keras_3(found.described(file)))
    except Refused as reason:
        return Refusal(str(reason))
    return found
