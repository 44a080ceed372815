"""Names that want more than to be read: what a file may call its layers, its arrays, itself."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import numpy as np

from tests.hdf5_files import drawn
from tests.weight_files import by_place

NASTY = {
    "colours and a cleared screen": "\x1b[2J\x1b[31mred\x1b[0m",
    "a title": "\x1b]0;owned\x07x",
    "the clipboard": "\x1b]52;c;ZXZpbA==\x07x",
    "C1 controls": "\x9b31mred\x9d52;c;ZXZpbA==\x9cx",
    "markup": "[bold red]x[/] [@click=app.quit]y[/]",
    "markup that ends nothing": "[/x] [/] [bold] [[ ]] [=",
    "read from the right": "evil\u202egnp.sarek",
    "isolates and marks": "a\u2066b\u2069\u200fc\u061cd",
    "back over what was written": "ab\b\b\x7fcd\r\n\tef",
    "lines of other kinds": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "nothing to be seen": "a\u200b\u2060\ufeff\U000e0041b\xadc",
    "nothing but that": "\u200b\u200c",
    "marks upon marks": "e" + "\u0301" * 60,
    "two columns each": "\u6f22\u5b57" * 40,
    "NUL": "a\0b",
    "code": "'''\"\"\"\n__import__('os').abort()#",
    "formats": "%s%n {0} ${HOME} $(id) `id` \\",
    "a formula": "=1+1",
    "an option": "--out=x",
    "as long as may be": "n" * 200,
}
"""Each of them is text that a name in a file can be."""

KERNEL, BIAS, MORE = drawn(2, 3), drawn(3), drawn(3, 1)


def model_called(name: str, *, sealed: bool = False) -> bytes:
    """Return a ``.keras`` file whose model, layers, loss and metrics have that name; its last layer may be sealed."""

    def dense(called: str, units: int) -> dict[str, object]:
        config = {"name": called, "units": units, "activation": "tanh", "trainable": True, "dtype": "float32"}
        return {"module": "keras.layers", "class_name": "Dense", "config": config, "registered_name": None}

    # Keras's own names have no slash; those of a person's classes may.
    other, name = name, name.replace("/", "|")
    given = {"name": "given" + name[:150], "batch_shape": [None, 2], "dtype": "float32"}
    own = {
        "module": other,
        "class_name": other,
        "config": {"name": f"{name}z"[-200:]},
        "registered_name": f"own>{other}",
    }
    last = own if sealed else dense(name[:-1] + "z", 1)
    first = {"module": "keras.layers", "class_name": "InputLayer", "config": given, "registered_name": None}
    model = {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": "Sequential",
        "config": {"name": name, "trainable": True, "layers": [first, dense(name, 3), last]},
        "compile_config": {
            "optimizer": {"module": name, "class_name": name, "config": {"name": name}, "registered_name": name},
            "loss": other,
            "metrics": [other, {"class_name": other, "config": {name: name}}],
        },
    }
    arrays = {"layers/dense/vars/0": KERNEL, "layers/dense/vars/1": BIAS}
    if not sealed:
        arrays |= {"layers/dense_1/vars/0": MORE, "layers/dense_1/vars/1": np.zeros(1, np.float32)}
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1", "date_saved": name}))
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", by_place(arrays))
    return buffer.getvalue()


def weights_called(name: str) -> bytes:
    """Return weights alone whose arrays have that name."""
    path = name.replace("/", "|").replace("\0", "|")
    return by_place({f"{path}/vars/0": KERNEL, f"{path}z": BIAS})


def file_called(name: str, suffix: str) -> str:
    """Return a name of a file that is as near to ``name`` as a file can be."""
    return name.replace("/", "|").replace("\0", "|")[:60] + suffix
