"""The numbers of a random model: its weights, and points for it."""

from __future__ import annotations

from typing import Any

import numpy as np

LENGTH, WORDS = 4, 9
"""The length of axes whose is not fixed; how many rows an Embedding has."""


def floating(tensor: Any) -> bool:
    return "float" in tensor.dtype


def give_weights(model: Any, random: np.random.Generator) -> None:
    """Give it weights of many sizes, some of them mostly zeros."""
    for variable in model.weights:
        if "seed_generator" in variable.path or not variable.dtype.startswith("float"):
            continue
        name = variable.path.rpartition("/")[2]
        values = random.normal(size=variable.shape) * random.choice([0.1, 0.3, 0.5, 1.0, 2.0])
        if name != "embeddings":
            # At 0 an activation may have a corner.
            values *= random.random(variable.shape) < random.choice([0.5, 1.0, 1.0, 1.0])
        spread = name in ("moving_variance", "moving_stddev", "renorm_stddev", "variance")
        variable.assign((np.abs(values) + 0.05 if spread else values).astype(np.float32))


def points_for(model: Any, seed: int, rows: int) -> list[Any]:
    """Return so many points, an array for every input; some steps of them are masked."""
    random, made = np.random.default_rng([seed, 2]), []
    for given in model.inputs:
        shape = (rows, *(LENGTH if size is None else size for size in given.shape[1:]))
        if not floating(given):
            made.append(random.integers(0, WORDS, shape).astype(given.dtype))
            continue
        values = random.normal(size=shape).astype(np.float32)
        if len(shape) > 2:
            values[random.random(shape[:2]) < 0.25] = random.choice([0.0, 0.5])
        made.append(values)
    return made
