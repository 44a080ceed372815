"""Practice: numbers of a calculation left blank, a learner's answers marked, hints, slips named, sittings kept."""
