"""byhand recover: what sessions left that ended without saving: listed, looked at, saved, thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.errors import Refused
from tui.headless.output import note, write, write_json
from tui.headless.usage import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.journal.shelf import Session, Shelf

NEXT = "byhand with the file's name, or alone where there was none, goes on with it; byhand recover N shows one\n"


def run(arguments: Namespace) -> int:
    """List them all, or do with one what is asked for."""
    from core.journal.shelf import look

    found = look()
    if arguments.number is None:
        _require_number(arguments)
        _list(found, as_json=arguments.json)
        return 0
    session = _chosen(found, arguments.number)
    if arguments.throw_away:
        _throw_away(session)
    elif arguments.out is not None or arguments.data_out is not None:
        _save(session, arguments)
    else:
        _show(session, as_json=arguments.json)
    return 0


def _require_number(arguments: Namespace) -> None:
    if arguments.throw_away or arguments.out is not None or arguments.data_out is not None:
        raise UsageError("expected the number of what was left, as byhand recover lists it, got none")


def _chosen(found: Shelf, number: int) -> Session:
    if not 1 <= number <= len(found.left):
        have = f"from 1 to {len(found.left)}" if found.left else "of something that was left, of which there is nothing"
        raise UsageError(f"expected a number {have}, got {number}")
    return found.left[number - 1]


def _list(found: Shelf, *, as_json: bool) -> None:
    from core.journal.telling import elsewhere_in_words, in_words

    if as_json:
        write_json({"left": list(map(_json, found.left)), "open": list(map(_json, found.live))})
        return
    for number, session in enumerate(found.left, start=1):
        write(f"{number}  {in_words(session)}\n")
    write(NEXT if found.left else "nothing was left: all was saved, or left on purpose\n")
    note(elsewhere_in_words(session) for session in found.live)
    note(f"{in_words(session)}; it made room for newer ones and is gone" for session in found.gone)


def _json(session: Session) -> dict[str, Any]:
    return {
        "file": None if session.file is None else str(session.file),
        "host": session.host,
        "process": session.process,
        "begun": session.begun,
        "changed": session.changed,
        "unsaved": session.unsaved,
        "steps": list(session.steps),
        "bytes": session.bytes,
    }


def _show(session: Session, *, as_json: bool) -> None:
    from core.journal.shelf import read
    from core.journal.telling import changes_in_words, in_words

    changes = changes_in_words(read(session))
    if as_json:
        write_json({**_json(session), "changes": list(changes)})
        return
    write("".join(f"{line}\n" for line in (in_words(session), *changes)))


def _save(session: Session, arguments: Namespace) -> None:
    from core.data.saved import save_data
    from core.journal.shelf import read
    from core.journal.telling import CHANGED_ARRAYS
    from core.model.save_model import save_model

    recovered = read(session)
    state, arrays = recovered.state, recovered.beside.get(CHANGED_ARRAYS)
    if arguments.data_out is not None and not len(state.dataset):
        raise Refused("expected data to save, got a session without any; leave --data-out out")
    model = state.model
    if arguments.out is not None and arrays is not None and session.file is not None and not state.unsaved:
        _save_arrays(session.file, arrays, arguments.out)
        write(f"saved as {arguments.out}\n")
    elif arguments.out is not None:
        save_model(arguments.out, model.network, model.weights, state.recipe, model.archive)
        write(f"saved as {arguments.out}\n")
        note([f"without the changed {CHANGED_ARRAYS}, which byhand goes on with"] if arrays is not None else [])
    if arguments.data_out is not None:
        save_data(arguments.data_out, state.dataset)
        write(f"data saved as {arguments.data_out}\n")
    note(["what was left is still there: --throw-away takes it away"])


def _save_arrays(opened: Path, kept: bytes, path: Path) -> None:
    """Save the arrays of the file that was ``opened`` with the numbers that were changed."""
    from core.export.weights_saved import save_weights
    from core.model.weights_file import open_weights
    from core.model.weights_kept import with_changes

    held = open_weights(opened)
    save_weights(path, with_changes(held, kept), held)


def _throw_away(session: Session) -> None:
    from core.journal.shelf import throw_away
    from core.journal.telling import in_words

    words = in_words(session)
    throw_away(session)
    write(f"thrown away: {words}\n")
