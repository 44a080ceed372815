"""One layer that Keras is asked for: it makes what it makes in its model, and nothing but Keras's own is made."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

import keras
import numpy as np
import pytest
from keras import layers as kl

from core.calculation.beyond import gone_on
from core.engine.one_layer import outputs
from core.errors import Refused
from core.layers.activations import OLD_HARD_SIGMOID
from core.model.files.opening import open_graph
from core.operations.rounding import EXACT
from tui import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.arrays import KerasArray
    from core.calculation.beyond import Question

RANDOM = np.random.default_rng(0)


def model_of(*layers: Callable[[Any], Any]) -> Any:
    """Return a model of layers that are not followed, over short films, whose weights are drawn."""
    made = images = keras.Input((3, 5, 5, 1), name="images")
    for layer in (*layers, kl.Flatten(), kl.Dense(2, "tanh")):
        made = layer(made)
    model = keras.Model(images, made)
    for layer in model.layers:
        layer.set_weights([RANDOM.normal(size=array.shape, scale=0.3) for array in layer.get_weights()])
    return model


def asked(question: Question) -> list[KerasArray]:
    return outputs(question.layer.entry, question.arrays, question.inputs, question.listed, dict(question.named))


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_model_with_layers_that_are_not_followed_makes_what_keras_makes(ending: str, tmp_path: Path) -> None:
    attention = kl.GroupQueryAttention(2, 2, 1, dropout=0.2, name="heads")
    dense = kl.EinsumDense("abc,cd->abd", (15, 4), bias_axes="d", activation="gelu", name="mixed")
    normal = kl.SpectralNormalization(kl.Dense(3), name="normal")
    model = model_of(kl.Reshape((15, 5)), lambda steps: attention(steps, steps), dense, normal)
    model.save(tmp_path / f"m{ending}")
    opened, x = open_graph(tmp_path / f"m{ending}"), RANDOM.random((3, 5, 5, 1)).astype(np.float32)
    beyond = gone_on(opened, [x], asked)
    done = beyond.calculated(EXACT)
    assert set(beyond.outside) == {("heads",), ("normal",)} and not beyond.refused
    np.testing.assert_allclose(done.numbers[done.written.outputs[0]], np.array(model(x[None]))[0], atol=1e-5)


def test_explain_goes_on_with_keras_says_so_and_predict_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = kl.SpectralNormalization(kl.Dense(2), name="cells")
    model, given = model_of(cells), tmp_path / "x.npz"
    x = RANDOM.random((1, 3, 5, 5, 1)).astype(np.float32)
    model.save(tmp_path / "m.keras")
    np.savez(given, x0=x)
    more = ["--format", "json", "--check", "--loss", "mse", "--label", "1, 0.5"]
    assert cli.main(["explain", str(tmp_path / "m.keras"), "--x", str(given), *more]) == 0
    told = capsys.readouterr()
    assert "from Keras, not calculated here: cells" in told.err
    made = json.loads(told.out)
    assert made["from_keras"] == ["cells"] and made["stops"] is None
    np.testing.assert_allclose(made["outputs"][0]["numbers"], np.array(model(x))[0], atol=1e-5)
    assert made["verdict"]["agree"] and made["loss"]["keras"] == pytest.approx(made["loss"]["total"], rel=1e-5)
    assert cli.main(["predict", str(tmp_path / "m.keras"), "--x", str(given)]) != 0
    assert "the calculation stops before it" in capsys.readouterr().err


def described(kind: str, **config: object) -> str:
    return json.dumps({"class_name": kind, "module": "keras.layers", "registered_name": None, "config": config})


KERNEL = np.ones((2, 3), dtype=np.float32)
ROW = np.ones(2, dtype=np.float32)
REFUSED = [
    (described("Lambda", name="own"), [], "it is not run"),
    (described("Dense", units=3, quicker=True), [("kernel", KERNEL), ("bias", KERNEL[0])], "got quicker"),
    (described("Dense", units=3), [("kernel", KERNEL)], "expected 2 arrays"),
    (described("Resizing", height=60000, width=60000), [], "got 7,200,000,000: Keras is not asked"),
    (described("CategoryEncoding", num_tokens=10**12), [], "got 1000000000000: Keras is not asked"),
    (
        described("EinsumDense", name="wide", equation="...b,bc->...c", output_shape=[10**7]),
        [("vars/0", KERNEL)],
        "expected 20,000,000 numbers in the arrays of wide, got 6",
    ),
    (described("ConvLSTM2D", filters=10**9, kernel_size=3), [], "got 1000000000: Keras is not asked"),
    (described("ConvLSTM2D", name="wide", filters=10**7, kernel_size=3), [], "expected 3 arrays for wide"),
    (described("MelSpectrogram", num_mel_bins=10**7), [], "got 10,250,000,000: Keras is not asked"),
    (described("Dense", units=3), [("bias", KERNEL[0]), ("kernel", KERNEL)], "expected kernel of shape (2, 3), got"),
    (described("Dense", units=3), [("__class__/vars/0", KERNEL), ("vars/0", KERNEL[0])], "got some of __class__"),
    (described("Masking"), [], "without a mask"),
]
SHAPES = {"Masking": (4, 2), "Resizing": (2, 2, 2), "ConvLSTM": (1, 4, 4, 1), "Spectrogram": (4096,)}


@pytest.mark.parametrize(("entry", "arrays", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_what_keras_is_not_to_make_is_refused(entry: str, arrays: list[Any], said: str) -> None:
    shape = next((shape for kind, shape in SHAPES.items() if kind in entry), (2,))
    given = np.ones(shape, dtype=np.float32)
    with pytest.raises(Refused) as refusal:
        outputs(entry, arrays, [given], False, {})
    assert said in str(refusal.value)


def test_an_activation_that_keras_has_no_more_is_what_it_was() -> None:
    entry = described("Dense", units=3, activation=OLD_HARD_SIGMOID, use_bias=False, batch_input_shape=[None, 2])
    (made,) = outputs(entry, [("vars/0", KERNEL)], [ROW], False, {})
    np.testing.assert_allclose(made, np.full(3, 0.9), atol=1e-6)


@pytest.mark.parametrize("within", [False, True])
def test_a_layer_that_keeps_its_state_makes_the_same_at_each_asking_from_none(within: bool) -> None:
    def entry(stateful: bool) -> str:
        cells = json.loads(described("LSTM", units=2, stateful=stateful))
        return json.dumps(json.loads(described("Bidirectional", layer=cells)) if within else cells)

    shapes, steps = [(1, 8), (2, 8), (8,)], RANDOM.random((3, 1)).astype(np.float32)
    parts = [f"{way}_layer/cell/" for way in ("forward", "backward")] if within else ["cell/"]
    arrays = [
        (f"{part}vars/{at}", RANDOM.normal(size=shape).astype(np.float32))
        for part in parts
        for at, shape in enumerate(shapes)
    ]
    keeps, forgets, again = (outputs(entry(one), arrays, [steps], False, {})[0] for one in (True, False, True))
    assert np.array_equal(keeps, forgets) and np.array_equal(keeps, again)
