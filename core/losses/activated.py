"""Softmax and the cross-entropy of a sigmoid inside of a loss: of z, in a form that no large z overflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.arrays import Array


def softmax(z: Array) -> Array:
    """Return exp(z) / (sum of exp(z)) of every row."""
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def log_sum(z: Array) -> Array:
    """Return log(sum of exp(z)) of every row."""
    largest = z.max(axis=-1, keepdims=True)
    return np.asarray((largest + np.log(np.exp(z - largest).sum(axis=-1, keepdims=True)))[..., 0])


def through_softmax(slope: Array, p: Array) -> Array:
    """Return how a loss changes with z, given its ``slope`` along p = softmax(z)."""
    return np.asarray(p * (slope - (slope * p).sum(axis=-1, keepdims=True)))


def crossentropy_of_sigmoid(y: Array, z: Array) -> Array:
    """Return the binary cross-entropy of sigmoid(z) without taking the sigmoid, as TensorFlow does."""
    return np.asarray(np.maximum(z, 0.0) - y * z + np.log1p(np.exp(-np.abs(z))))
