"""Runs every benchmark, or those that are named, and prints one table; ends with 1 if a target is missed."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.row import table

if TYPE_CHECKING:
    from benchmarks.row import Fact, Row

BENCHMARKS = (
    "first_frame",
    "opening",
    "memory",
    "key_latency",
    "journal",
    "forward",
    "training",
    "live_settings",
    "unfold",
    "growth",
    "statistics",
    "large_matrix",
    "data_files",
    "ssh_tour",
    "evaluate_exactness",
    "layers",
    "any_model",
    "long_model",
    "pages",
)
"""The modules with a ``run()``, in the order of the table."""


def main(names: list[str]) -> int:
    """Run the benchmarks called ``names``, all if there are none, and return the exit code."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.stderr.write(f"expected names out of {', '.join(BENCHMARKS)}; got {', '.join(unknown)}\n")
        return 2
    rows: list[Row | Fact] = []
    for name in names or BENCHMARKS:
        sys.stderr.write(f"{name} ...\n")
        for row in import_module(f"benchmarks.{name}").run():
            rows.append(row)
            # Those that take minutes say what they know as soon as they know it.
            sys.stderr.write(f"{'  '.join(filter(None, row.cells()))}\n")
    print(table(rows))
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
