"""What a newcomer finds beside the code: the licence, the exact versions, and commands that are what they say."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PACKAGES = ("core", "tui", "tests", "benchmarks")

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins() -> dict[str, str]:
    """Return every pinned package (its name as packaging compares names) and its version."""
    lines = [line for line in read("constraints.txt").splitlines() if line and not line.startswith("#")]
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in (line.split("==") for line in lines)}


def test_every_dependency_is_pinned_exactly() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower() for requirement in wanted}
    assert names <= pins().keys()


@pytest.mark.parametrize("name", ["constraints.txt", "Makefile", "pyproject.toml", ".ci/run"])
def test_no_package_host_and_no_path_of_one_machine(name: str) -> None:
    text = read(name)
    assert "://" not in text
    assert not re.search(r"(index-url|find-links|trusted-host|/home/|/root/|/Users/)", text)


def test_the_readme_says_how_to_run_and_test() -> None:
    readme = read("README.md")
    assert "make run" in readme
    assert "make test" in readme


def test_ci_runs_what_the_readme_says() -> None:
    lines = [line for line in read(".ci/run").splitlines() if line and not line.startswith("#")]
    assert lines[0] == "set -euo pipefail"
    assert lines[-1] == "make test"
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_make_knows_what_it_promises() -> None:
    makefile = read("Makefile")
    for target in ("run", "test", "lint", "snapshots", "bench"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_licence_is_there() -> None:
    assert read("LICENSE").startswith("MIT License")
    assert tomllib.loads(read("pyproject.toml"))["project"]["license"] == "MIT"


def test_the_change_log_has_a_place_for_what_is_new() -> None:
    assert "## [Unreleased]" in read("CHANGELOG.md")


def test_every_file_says_its_one_job_in_its_first_line() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES if not path.read_text().startswith(('"""', "#"))]
    assert silent == []


def test_no_file_of_the_product_is_long() -> None:
    product = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in ("core", "tui")]
    long = [str(path.relative_to(ROOT)) for path in product if len(path.read_text().splitlines()) > 400]
    assert long == []
