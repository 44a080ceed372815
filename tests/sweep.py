"""Very many damaged files: ``python -m tests.sweep [HOW_MANY [FIRST_SEED]]``; the suite reads a few of them."""

from __future__ import annotations

import sys
import time

from tests.damage import sweep

USUAL = 50_000
FIRST = 1_000_000
AT_ONCE = 5_000


def main() -> None:
    """Read them and say what came of it; a wrong answer ends it with the seed."""
    amount, first = (int(word) for word in (*sys.argv[1:], *map(str, (USUAL, FIRST)[len(sys.argv) - 1 :])))
    begun, total = time.monotonic(), dict[str, int]()
    for start in range(first, first + amount, AT_ONCE):
        found = sweep(range(start, min(start + AT_ONCE, first + amount)))
        total = {name: total.get(name, 0) + number for name, number in found.items()}
        said = ", ".join(f"{name} {number:,}" for name, number in total.items())
        sys.stdout.write(f"{sum(total.values()):,} damaged files in {time.monotonic() - begun:.0f} s: {said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
