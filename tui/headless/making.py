"""The maker that a command's options ask for: a kind, the settings that it has, and none that it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.headless.usage import UsageError, usage

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from core.data.makers import Maker


def maker_of(arguments: Namespace, options: Mapping[str, str], usual: Mapping[str, Any]) -> Maker:
    """Return the maker of the kind that ``--make`` names, the tutorial's rule without it.

    ``options`` are the settings that the command has, each with its name in ``arguments``; those that were not given
    are as in ``usual``, or else as the maker has them.

    Raises:
        UsageError: a setting was given that the maker lacks, or that cannot be.
    """
    from core.data.makers import MAKERS

    kind = arguments.make or "sum"
    maker = MAKERS[kind]
    given = {name: value for name, held in options.items() if (value := getattr(arguments, held)) is not None}
    has = [option(options[name]) for name in maker.__struct_fields__ if name in options]
    for name in given:
        if name not in maker.__struct_fields__:
            raise UsageError(
                f"expected only options that --make {kind} has, got {option(options[name])}: it has {', '.join(has)}"
            )
    settings = {name: value for name, value in usual.items() if name in maker.__struct_fields__}
    with usage():
        return maker(**(settings | given))


def option(name: str) -> str:
    """Return what an option is called where it is typed."""
    return f"--{name.replace('_', '-')}"
