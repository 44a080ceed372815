"""Tests of the screens, with the stand-in engine unless a file says otherwise."""
