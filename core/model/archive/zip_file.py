"""A zip whose directory can be trusted, before a byte of its members is unpacked; in the limited process."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from struct import unpack_from
from typing import TYPE_CHECKING

from core.errors import Refused, shorten
from core.limits import allowing, most, require_most
from core.model.archive.seen import in_place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.model.between import Content

ENCRYPTED = 0x1
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

MAX_RATIO = 20
FREE = 1 << 25
"""An archive may be packed up to so many times, and in any case unpack to so many bytes: weights hardly pack at all."""

LOCAL_HEADER = 30
"""Bytes before the name that stands before a member ("4.3.7 Local file header" in PKWARE's APPNOTE)."""

MAX_UNPACKED = 1 << 32
MAX_MEMBERS = 100_000

DRIVE = re.compile(r"[A-Za-z]:")


def checked_zip(data: Content) -> zipfile.ZipFile:
    """Return the zip ``data``, no more of which was read than its directory.

    Raises:
        Refused: a member is there twice, a link, named as if it lay elsewhere, encrypted or packed in a rare way, or
            all of them unpack to far too much.
        zipfile.BadZipFile: it is damaged.
    """
    archive = zipfile.ZipFile(in_place(data))
    members = archive.infolist()
    require_most("members", len(members), MAX_MEMBERS)
    seen = set[str]()
    for member in members:
        if member.filename in seen:
            raise Refused(f"expected every member once, got {_shown(member)} twice; don't trust this file")
        seen.add(member.filename)
        _require_plain(member)
    _require_room(sum(member.file_size for member in members), len(data))
    return archive


def content_of(archive: zipfile.ZipFile, name: str, data: Content) -> Content:
    """Return a member of ``archive``, which is the zip ``data``; of one that is stored as it is, those bytes there.

    Raises:
        zipfile.BadZipFile: it is damaged.
    """
    member = archive.getinfo(name)
    if member.compress_type != zipfile.ZIP_STORED:
        return archive.read(member)
    # What stands before it is held against the directory.
    archive.open(member).close()
    name_size, extra_size = unpack_from("<HH", data, member.header_offset + LOCAL_HEADER - 4)
    begin = member.header_offset + LOCAL_HEADER + name_size + extra_size
    content = memoryview(data)[begin : begin + member.file_size]
    if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
        raise zipfile.BadZipFile
    return content


def with_members(archive: zipfile.ZipFile, contents: Mapping[str, bytes]) -> bytes:
    """Return a zip with other ``contents`` of some of its members, all else as it was."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as new:
        new.comment = archive.comment
        for member in archive.infolist():
            content = contents.get(member.filename)
            new.writestr(_same(member), archive.read(member) if content is None else content)
    return buffer.getvalue()


def _same(member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Return what a member is called and how it is packed, for the same one in a new zip."""
    # Without the sizes, offsets and extra fields of the old place: zipfile writes those anew.
    copy = zipfile.ZipInfo(member.filename, member.date_time)
    copy.compress_type = member.compress_type
    copy.comment = member.comment
    copy.create_system = member.create_system
    copy.external_attr = member.external_attr
    return copy


def _require_plain(member: zipfile.ZipInfo) -> None:
    if _lies_elsewhere(member.orig_filename):
        raise Refused(f"expected members within the file, got the path {_shown(member)}; don't trust this file")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"expected plain members, got {_shown(member)}, a link or device; don't trust this file")
    if member.flag_bits & ENCRYPTED:
        raise Refused(f"expected a file without a password, got {_shown(member)} encrypted; unpack it first")
    if member.compress_type not in PACKINGS:
        raise Refused(f"expected members that are stored or deflated, got {_shown(member)} otherwise; zip it again")


def _lies_elsewhere(name: str) -> bool:
    """Say whether a name would lead out of a folder that the zip is unpacked in, on any system."""
    path = name.replace("\\", "/")
    return "\0" in path or path.startswith("/") or DRIVE.match(path) is not None or ".." in path.split("/")


def _require_room(unpacked: int, packed: int) -> None:
    usual = min(MAX_UNPACKED, max(FREE, MAX_RATIO * packed))
    if unpacked > most(usual):
        raise Refused(
            f"expected at most {most(usual) >> 20:,} MiB unpacked of a file of this size, got {unpacked >> 20:,} MiB; "
            f"{allowing(unpacked, usual)}"
        )


def _shown(member: zipfile.ZipInfo) -> str:
    return repr(shorten(member.orig_filename))
