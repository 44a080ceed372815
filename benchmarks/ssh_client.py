"""Becomes ssh with the arguments that it is given, so that a terminal of the benchmarks can run it."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    os.execvp("ssh", ["ssh", *sys.argv[1:]])
