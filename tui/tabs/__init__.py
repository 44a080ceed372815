"""The five tabs, one a file."""
