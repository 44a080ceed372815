"""The power cut at any call to the disk: what was saved is whole, and what was said to be kept is."""

from __future__ import annotations

import pytest

from tests.power_cuts import SAVES_AFTER, tried


@pytest.mark.parametrize("anew", [False, True])
def test_a_power_cut_damages_no_file_and_loses_nothing_that_was_on_the_disk(anew: bool) -> None:
    found = list(tried(SAVES_AFTER, 1, anew))
    assert len(found) > 50 and [why for _, why in found if why] == []
