"""The process that reads files has given up all but reading; whoever asks it takes no more than was agreed."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.errors import Refused
from core.model import limited
from core.model.archive import confined
from core.model.archive.protocol import ReadParts, ReadWeights, encode
from core.model.between import FileInMemory
from core.model.files.opening import open_any, open_model
from core.model.limited import COMMAND
from tests.hdf5_files import CHAIN_FILE
from tests.hostile_files import GOOD
from tests.weight_files import npz, safetensors

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.limited

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems know only some of the limits")

HAS_LANDLOCK = "from core.model.archive.confined import forbid_files_and_network as f; print(f())"

ACTS = """
import json, os, socket, sys
from pathlib import Path
PRELOADED = sys.modules["core.model.archive.confined"]
{confine}

def fork():
    if os.fork() == 0:
        os._exit(0)

def run():
    resource = sys.modules["resource"]
    if not resource.getrlimit(resource.RLIMIT_NPROC)[0] and os.geteuid() == 0:
        raise PermissionError  # root may always
    fork()

acts = {{
    "read": lambda: open("/etc/hostname").read(),
    "list": lambda: os.listdir("/"),
    "write": lambda: Path(FOLDER, "written").write_text("x"),
    "append": lambda: os.open(Path(FOLDER, "there"), os.O_WRONLY | os.O_APPEND),
    "truncate": lambda: os.truncate(Path(FOLDER, "there"), 0),
    "remove": lambda: os.unlink(Path(FOLDER, "there")),
    "folder": lambda: os.mkdir(Path(FOLDER, "made")),
    "link": lambda: os.symlink("/etc", Path(FOLDER, "made")),
    "rename": lambda: os.rename(Path(FOLDER, "there"), Path(FOLDER, "made")),
    "program": lambda: os.execv("/bin/true", ["true"]),
    "connect": lambda: socket.socket().connect(("127.0.0.1", PORT)),
    "listen": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "local": lambda: socket.socket(socket.AF_UNIX),
    "pipe": os.pipe,
    "memory": lambda: bytearray(1 << 30),
    "process": run,
    "signal": lambda: os.kill(os.getppid(), 0),
}}
done = []
for name, act in acts.items():
    try:
        act()
        done.append(name)
    except (OSError, MemoryError):
        pass
print(json.dumps(done))
"""


def acts_that_succeed(confine: str, folder: Path) -> list[str]:
    """Return which acts a process still can do after it was confined so."""
    (folder / "there").write_text("kept")
    program = "import core.model.archive.reader\n" + ACTS.format(confine=confine)
    program = program.replace("FOLDER", repr(str(folder))).replace("PORT", "1")
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (folder / "there").read_text() == "kept" and len(list(folder.iterdir())) == 1
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def landlock() -> bool:
    done = subprocess.run([sys.executable, "-I", "-c", HAS_LANDLOCK], capture_output=True, text=True, check=True)
    return done.stdout.strip() == "True"


@linux
def test_a_confined_process_can_do_nothing_but_calculate(landlock: bool, tmp_path: Path) -> None:
    left = acts_that_succeed("PRELOADED.confine(1000)", tmp_path)
    if landlock:
        assert set(left) <= {"signal"}
    else:
        # Without Landlock what needs no open file is left to the person's rights.
        assert not {"read", "list", "write", "append", "connect", "listen", "datagram", "local", "pipe"} & set(left)


@linux
def test_landlock_alone_forbids_files_and_tcp(landlock: bool, tmp_path: Path) -> None:
    if not landlock:
        pytest.skip("this Linux has no Landlock")
    left = acts_that_succeed("assert PRELOADED.forbid_files_and_network()", tmp_path)
    assert set(left) <= {"datagram", "local", "pipe", "memory", "process", "signal", "connect", "listen"}
    assert not {"read", "list", "write", "append", "truncate", "remove", "folder", "link", "rename", "program"} & {
        *left
    }


@linux
def test_the_rights_of_a_version_of_landlock_are_those_that_it_knows() -> None:
    made = [
        [confined._bits(known, version) for known in (confined.FILES, confined.NETWORK)] for version in (1, 2, 4, 7)
    ]
    assert made == [[0x1FFF, 0], [0x3FFF, 0], [0x7FFF, 3], [0xFFFF, 3]]


FORMATS = (GOOD, CHAIN_FILE, npz(a=np.ones(1)), safetensors({}), GOOD[:500], b"PK\x03\x04" + bytes(50))

WATCHED = """
import base64, json, sys
from core.model.archive import process, reader
process.confine(100_000)
seen = []
QUIET = ("object.__", "sys._getframe", "array.__new__", "code.__new__", "marshal.loads", "compile", "builtins.id")

def watch(event, given):
    # The types of layers' own fields are written as text, which typing evaluates.
    own = event == "exec" and sys._getframe(1).f_globals["__name__"] == "typing"
    if not own and not event.startswith(QUIET):
        seen.append((event, str(given)[:80]))

sys.addaudithook(watch)
for request, file in json.load(sys.stdin):
    process.answer(reader.read, base64.b64decode(request), base64.b64decode(file))
print(json.dumps(seen))
"""


def test_reading_opens_no_file_imports_nothing_and_runs_nothing() -> None:
    requests = [(encode(kind()), data) for data in FORMATS for kind in (ReadParts, ReadWeights)]
    sent = json.dumps([[base64.b64encode(one).decode() for one in request] for request in requests])
    done = subprocess.run([sys.executable, "-I", "-c", WATCHED], input=sent, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


@linux
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_the_system_is_asked_for_nothing_but_reading_what_python_needs(tmp_path: Path) -> None:
    log = tmp_path / "log"
    file = FileInMemory.of(CHAIN_FILE)
    watched = ["strace", "-f", "-o", str(log), "-e", "trace=%file,%network,%process,ftruncate,fallocate"]
    command = [*watched, *COMMAND, "1", str(file.handle)]
    sent = encode(ReadParts())
    done = subprocess.run(command, input=sent, capture_output=True, check=False, pass_fds=(file.handle,))
    if done.returncode != 0:
        pytest.skip("strace may not watch here")
    calls = [line.split(maxsplit=1)[1] for line in log.read_text().splitlines()]
    begun = next(at for at, call in enumerate(calls) if "/dev/null" in call and "O_WRONLY" in call)
    changing = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|^(mkdir|unlink|rename|link|symlink|chmod|truncate|socket|connect)")
    assert [call for call in calls[:begun] if changing.search(call) and "/dev/null" not in call] == []
    assert [call for call in calls[begun + 1 :] if not call.startswith(("exit", "getcwd", "+++"))] == []


# Whoever asks


def answering(program: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """Return what is said of a model when the limited process does this."""
    (folder / "model.keras").write_bytes(b"PK\x03\x04")
    monkeypatch.setattr(limited, "COMMAND", (sys.executable, "-c", program))
    with pytest.raises(Refused) as refused:
        open_model(folder / "model.keras")
    return str(refused.value)


@pytest.mark.parametrize(
    "program",
    [
        "import os\nwhile True: os.write(1, bytes(1 << 20))",
        "import os\nos.write(1, (1 << 40).to_bytes(8, 'big'))\nwhile True: os.write(1, bytes(1 << 20))",
        "import os, time\nos.write(1, (2).to_bytes(8, 'big') + b'xxx')\ntime.sleep(600)",
        "import os\nos.write(1, (2).to_bytes(8, 'big') + b'x')",
    ],
    ids=["more than nothing", "a terabyte", "more than it said", "less than it said"],
)
def test_an_answer_of_any_length_is_a_sentence_at_once(
    program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "reading it gave nonsense" in answering(program, monkeypatch, tmp_path)


def test_what_crashed_once_is_not_asked_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "x.keras").write_bytes(b"PK\x03\x04")
    log = tmp_path / "log"
    program = f"import os, signal; open({str(log)!r}, 'a').write('x'); os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(limited, "COMMAND", (sys.executable, "-c", program))
    with pytest.raises(Refused, match="reading it crashed"):
        open_any(tmp_path / "x.keras")
    assert log.read_text() == "x"


def test_what_is_started_ahead_is_one_process_that_reads_the_next_file_or_ends() -> None:
    limited.start_ahead()
    limited.start_ahead()
    file = limited.new_file()
    reader = file.reader
    assert reader is not None
    assert limited.new_file().reader is None
    assert reader.poll() is None
    file.add(GOOD)
    assert limited.exchange(encode(ReadParts()), file, 1 << 20, 60.0)[0] == 0
    assert reader.poll() == 0
    del file

    limited.start_ahead()
    unused = limited.new_file()
    reader = unused.reader
    assert reader is not None
    del unused
    assert reader.poll() is not None
