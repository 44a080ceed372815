"""Data files that go on without end, or say that they do, take little memory and can be stopped at any time."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from core.data import lines, sheets
from core.data.files import take, understood
from core.data.model_inputs import one_point
from core.errors import Refused
from core.layers.dense import Dense
from core.model.graph import Call, Graph, Input, Source
from tests import nasty_data
from tests.waiting import FOR_EVER, PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

SIZE, UNPACKED = 1_000_000, 80 << 20

ROOM = 64 << 20
"""Bytes beyond what the program itself takes: for each of these files some pieces of it as text, and no more."""

READ = """
import resource, sys
from pathlib import Path
from core.data import lines, table
from core.data.files import open_data
from core.errors import Refused
room = int(sys.argv[1])
lines.MOST_CELLS, lines.LONGEST, lines.AT_ONCE, table.COUNTED = 20_000, 1 << 20, 1 << 18, 1_000
held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + room, held + room))
for path in sys.argv[2:]:
    try:
        print(len(open_data(Path(path))), "rows")
    except Refused as refusal:
        print(refusal)
    except MemoryError:
        print("MEMORY", path)
"""


def what_came(paths: list[Path]) -> list[str]:
    """Return what is said of each file by a program that has little memory."""
    command = [sys.executable, "-c", READ, str(ROOM), *map(str, paths)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert not ran.stderr and ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="how much memory is held is read from /proc")
def test_no_file_takes_more_memory_than_data_may(tmp_path: Path) -> None:
    paths = []
    for name, make in nasty_data.texts(SIZE).items():
        paths.append(tmp_path / f"{name}.csv")
        make(paths[-1])
    for name, (suffix, content) in nasty_data.arrays(UNPACKED).items():
        if name in ("npz of labels", "npz of text", "npy with a header without end"):
            continue
        paths.append(tmp_path / f"{name}{suffix}")
        paths[-1].write_bytes(content())
    said = what_came(paths)
    assert len(said) == len(paths)
    for path, words in zip(paths, said, strict=True):
        assert not words.startswith("MEMORY"), words
        assert words.endswith("rows") or path.name[:20] in words, words


@pytest.mark.parametrize("name", ["empty lines", "short rows", "returns", "a quoted row without end"])
def test_reading_can_be_stopped_at_any_time(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LINES_AT_ONCE", 100)
    path, asked = tmp_path / "a.csv", list[float]()
    nasty_data.texts(2 << 20)[name](path)

    class Left(Exception):
        pass

    def stop(share: float) -> None:
        asked.append(share)
        raise Left

    found = understood(path)
    with pytest.raises(Left):
        take(path, found, stop)
    assert len(asked) == 1 and 0.0 <= asked[0] <= 1.0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("," * 3_000, "expected at most 1,000 cells and 5,000 characters in a row, got more; take a part of it"),
        ("1," * 2_000, "expected at most 1,000 cells"),
        ("a,b\n" + "1 " * 3_000, "line 2: expected at most 5,000 characters in a line, got more; take a part"),
        ('a,b\n"1"' + ',"\n"' * 2_000, "expected at most 1,000 cells"),
    ],
)
def test_a_row_is_refused_before_it_is_cut_into_cells(
    tmp_path: Path, text: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_CELLS", 1_000)
    monkeypatch.setattr(lines, "LONGEST", 5_000)
    monkeypatch.setattr("core.data.csv_file.LONGEST", 5_000)
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(Refused, match=wanted):
        take(tmp_path / "a.csv", understood(tmp_path / "a.csv"))


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData><row>CELLS</row></sheetData></worksheet>"
)


def excel(changed: dict[str, bytes]) -> bytes:
    """Return an Excel file in which members are others."""
    from xlsxwriter import Workbook

    plain = BytesIO()
    book = Workbook(plain)
    sheet = book.add_worksheet()
    for row, cells in enumerate((["a", "label"], [1, 2], [3, 0])):
        sheet.write_row(row, 0, cells)
    book.close()
    with zipfile.ZipFile(plain) as held:
        members = {name: held.read(name) for name in held.namelist()}
    return nasty_data.zipped({name: changed.get(name, content) for name, content in members.items()})


LITTLE = """
import sys
from core.data import sheet_process
from core.model.archive import confined
confined.MEMORY = 300 << 20
sheet_process.main()
"""


def test_a_spreadsheet_that_unpacks_without_end_costs_its_process_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openpyxl")
    path = tmp_path / "a.xlsx"
    monkeypatch.setattr(sheets, "COMMAND", (sys.executable, "-I", "-c", LITTLE))
    path.write_bytes(excel({}))
    assert len(take(path, understood(path))) == 2
    path.write_bytes(excel({"xl/worksheets/sheet1.xml": SHEET.replace(b"CELLS", b"<c><v>1</v></c>" * 700_000)}))
    with pytest.raises(Refused, match=r"a\.xlsx is damaged, or wants too much memory or time; take a part of it"):
        understood(path)


def test_what_a_spreadsheet_never_tells_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openpyxl")
    path = tmp_path / "a.xlsx"
    path.write_bytes(excel({}))
    found = understood(path)
    monkeypatch.setattr(sheets, "COMMAND", (sys.executable, "-I", "-c", f"import time; time.sleep({FOR_EVER})"))

    class Left(Exception):
        pass

    def stop(_share: float) -> None:
        raise Left

    with pytest.raises(Left):
        take(path, found, stop)
    monkeypatch.setattr(sheets, "TIMEOUT", 0.1)
    with pytest.raises(Refused, match="too much memory or time"):
        take(path, found)


@pytest.mark.parametrize("name", [name for name in nasty_data.arrays(8) if "label" not in name and "text" not in name])
def test_what_a_model_is_given_takes_no_more_memory_than_an_array_may(tmp_path: Path, name: str) -> None:
    suffix, content = nasty_data.arrays(1_000_000)[name]
    (tmp_path / f"a{suffix}").write_bytes(content())
    graph = Graph("m", (Input("x", (2,)),), (Dense("d", 1),), (Call("d", (Source("x"),)),), (Source("d"),))
    with pytest.raises(Refused) as refused:
        one_point(str(tmp_path / f"a{suffix}"), graph)
    assert str(refused.value).isprintable()
