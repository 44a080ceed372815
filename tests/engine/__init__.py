"""Tests of the engine process, its clients and its stand-in."""
