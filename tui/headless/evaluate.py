"""byhand evaluate: how often the sign of a model's prediction is right, beside what Keras's own metric says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.headless.data import data_json, data_of_file, data_text
from tui.headless.output import confusion_json, confusion_text, note, write, write_json
from tui.headless.usage import usage

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from core.data.dataset import Dataset
    from core.engine.protocol import Evaluated
    from core.metrics import Evaluation
    from core.model.keras_file import OpenedModel
    from core.recipe import Recipe

MAX_FAILURES = 10
"""How many wrong points the text form lists; the JSON form has them all."""


def run(arguments: Namespace) -> int:
    """Open the model, make the points, compare signs with labels, and ask Keras for its metrics."""
    from core.calculation.forward import predict
    from core.metrics import evaluate
    from core.model.keras_file import open_model
    from core.recipe import Recipe

    model = open_model(arguments.model)
    dataset = _data(arguments, model.network.inputs)
    predictions = predict(model.network, model.weights, dataset.points)
    recipe = model.recipe or Recipe()
    loss = recipe.loss
    evaluation = evaluate(predictions, dataset.labels, loss)
    keras = _ask_keras(model, dataset, recipe)
    note(model.notes)
    if arguments.json:
        write_json(_json(dataset, arguments.data, evaluation, keras))
    else:
        write(_text(dataset, evaluation, keras, loss))
    return 0


def _data(arguments: Namespace, inputs: int) -> Dataset:
    """Return the data of a file that fits a model of so many inputs, or points made by a rule."""
    from core.data.checks import require_inputs
    from core.data.dataset import SumRule, generate, usual_threshold

    dataset = data_of_file(arguments, ("points", "seed", "threshold"))
    if dataset is not None:
        require_inputs(dataset, inputs)
        return dataset
    points, seed, threshold = arguments.points, arguments.seed, arguments.threshold
    with usage():
        return generate(
            SumRule(
                200 if points is None else points,
                inputs,
                usual_threshold(inputs) if threshold is None else threshold,
                1 if seed is None else seed,
            )
        )


def _ask_keras(model: OpenedModel, dataset: Dataset, recipe: Recipe) -> Evaluated:
    from core.engine.client import EngineClient
    from core.engine.protocol import Evaluate, Evaluated, SetWeights, Tensor, to_tensors
    from core.errors import Refused

    version = model.weights.version
    points, labels = Tensor.of(dataset.points), Tensor.of(dataset.labels)
    with EngineClient() as engine:
        engine.ask(SetWeights(1, version, model.network, to_tensors(model.weights.layers)))
        answer = engine.ask(Evaluate(2, version, points, labels, recipe.loss, recipe.loss_options))
    if not isinstance(answer, Evaluated):
        raise Refused(f"expected metrics from Keras, got {type(answer).__name__}")
    return answer


def _json(dataset: Dataset, file: Path | None, evaluation: Evaluation, keras: Evaluated) -> dict[str, Any]:
    from core.export.as_json import finite

    return {
        **{name: value for name, value in data_json(dataset, file).items() if name not in ("inputs", "noise")},
        "sign_accuracy": evaluation.sign_accuracy,
        "correct": evaluation.correct,
        "baseline": evaluation.baseline,
        "baseline_label": evaluation.baseline_label,
        "confusion_matrix": confusion_json(evaluation),
        "sign_zero": evaluation.sign_zero,
        "nan": evaluation.nan,
        "failures": evaluation.failures.tolist(),
        "keras": {"loss": finite(keras.loss), "binary_accuracy": finite(keras.binary_accuracy)},
    }


def _text(dataset: Dataset, evaluation: Evaluation, keras: Evaluated, loss: str) -> str:
    from core.answers import in_words as how_it_is_read
    from core.formatting import number, percent
    from core.metrics import WHY_BINARY_ACCURACY_DIFFERS, about_zeros, in_words

    lines = [
        data_text(dataset),
        in_words(evaluation),
        "",
        confusion_text(evaluation),
        f"Keras: loss {number(keras.loss)}, binary_accuracy {percent(keras.binary_accuracy)}",
        how_it_is_read(loss) or WHY_BINARY_ACCURACY_DIFFERS,
    ]
    if evaluation.sign_zero or evaluation.nan:
        lines.append(about_zeros((evaluation,)))
    lines += _failures(dataset, evaluation)
    return "\n".join(lines) + "\n"


def _failures(dataset: Dataset, evaluation: Evaluation) -> list[str]:
    """Return the wrong points, counted from row 1 as the screens do."""
    from core.formatting import count, number

    written = evaluation.failures[:MAX_FAILURES]
    lines = ["", "Wrong:"] if len(written) else []
    for row in written:
        point = ", ".join(number(value) for value in dataset.points[row, :MAX_FAILURES])
        rest = ", ..." if dataset.inputs > MAX_FAILURES else ""
        lines.append(f"  row {row + 1}: {point}{rest}   label {dataset.labels[row]:+.0f}")
    if len(evaluation.failures) > len(written):
        lines.append(f"  and {count(len(evaluation.failures) - len(written), 'more point')}")
    return lines
