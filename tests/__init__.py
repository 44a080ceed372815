"""The tests, a package so that files of the same name in its folders are told apart."""
