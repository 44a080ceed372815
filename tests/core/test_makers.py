"""Made data: the same settings give the same points, labels follow their rule, and a model that suits can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import PRESETS, Dataset, fresh, generate
from core.data.files import open_data
from core.data.makers import MAKERS, Blobs, CircleRule, Maker, Rule, SumRule, XorRule
from core.data.makers.digits import COUNT as DIGITS
from core.data.makers.iris import COUNT as FLOWERS
from core.data.saved import save_data
from core.errors import Refused
from core.model.initial import MAX_SEED
from core.model.layers_text import chain_network, shape_text
from core.session.dials import DIALS, Settings
from core.session.kept_steps import decode, encode
from core.session.session import Session
from core.session.steps_in_words import taking
from core.tasks import Classes, Numbers, task_for
from core.tasks.fitting import require_fit, trains
from core.tasks.row import row_label
from core.training.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "points": st.integers(1, 120),
    "inputs": st.integers(1, 2),
    "threshold": st.floats(-1, 9),
    "noise": st.floats(0, 1),
    "classes": st.integers(2, 10),
    "size": st.integers(2, 6),
    "seed": st.integers(0, MAX_SEED),
}

ALL = st.sampled_from(tuple(MAKERS.values())).flatmap(
    lambda kind: st.builds(kind, **{name: SETTINGS[name] for name in kind.__struct_fields__})
)


def as_they_are(data: Dataset) -> tuple[bytes, bytes]:
    return data.points.tobytes(), data.labels.tobytes()


@given(ALL)
def test_the_same_settings_give_the_same_points_and_labels_a_row_each(maker: Maker) -> None:
    data = generate(maker)
    assert as_they_are(data) == as_they_are(generate(maker))
    assert data.points.shape == (maker.points, maker.inputs)
    assert data.labels.shape == (maker.points, 1)
    assert data.points.dtype == data.labels.dtype == np.float32
    assert np.isfinite(data.points).all()
    assert np.isfinite(data.labels).all()
    assert not maker.shape or np.prod(maker.shape) == maker.inputs
    assert maker.drawn_in_words().startswith(f"{maker.points} ")
    assert maker.drawn_in_words() in data.in_words()


@pytest.mark.parametrize("kind", [kind for kind in MAKERS.values() if not kind.fixed])
def test_one_that_is_made_is_not_called_several(kind: type[Maker]) -> None:
    data = generate(msgspec.structs.replace(kind(), points=1))
    assert data.in_words().startswith(("1 point ", "1 picture "))
    assert " 1 points" not in taking(data)


@given(ALL)
def test_a_maker_is_the_same_after_it_was_written_down(maker: Maker) -> None:
    assert msgspec.json.decode(msgspec.json.encode(maker), type=Maker) == maker


@given(ALL)
def test_without_noise_every_label_is_what_the_rule_gives_its_point(maker: Maker) -> None:
    if not isinstance(maker, Rule):
        return
    data = generate(msgspec.structs.replace(maker, noise=0.0))
    for row, label in zip(data.points.astype(float), data.labels[:, 0].tolist(), strict=True):
        given_by_rule, why = maker.label(row)
        assert np.float32(given_by_rule) == label
        assert why


@given(ALL)
def test_noise_that_moves_points_for_their_labels_alone_leaves_them_where_they_are(maker: Maker) -> None:
    if isinstance(maker, Rule):
        without = generate(msgspec.structs.replace(maker, noise=0.0))
        assert np.array_equal(generate(maker).points, without.points)


@given(ALL)
def test_fresh_points_are_others_of_the_same_kind_and_collections_have_none(maker: Maker) -> None:
    new = fresh(maker, 30)
    if maker.fixed:
        assert new is None
        return
    assert new is not None
    assert isinstance(new.origin, type(maker))
    assert msgspec.structs.replace(new.origin, points=maker.points, seed=maker.seed) == maker
    same_size = generate(msgspec.structs.replace(maker, points=30))
    assert as_they_are(new) != as_they_are(same_size)


@given(ALL)
def test_labels_are_signs_numbers_of_classes_or_numbers_as_the_suited_loss_wants_them(maker: Maker) -> None:
    data = generate(maker)
    network = chain_network(maker.inputs, maker.suited.layers)
    task = task_for(data, network.outputs, maker.suited.loss)
    require_fit(task, maker.suited.loss, network.outputs, data)
    classes = {"blobs", "digits", "iris"}
    assert isinstance(task, Classes) == (maker.kind in classes)
    assert isinstance(task, Numbers) == (maker.kind in {"plane", "sine"})
    if isinstance(maker, Blobs):
        assert set(data.labels[:, 0].tolist()) <= set(range(maker.classes))


@given(points=st.integers(2, 200), seed=st.integers(0, MAX_SEED))
def test_two_classes_have_as_many_points_each_in_no_order(points: int, seed: int) -> None:
    for kind in ("circle", "moons", "spiral", "bars"):
        labels = generate(MAKERS[kind](points=points, seed=seed)).labels
        assert abs(int(labels.sum())) == points % 2


def test_the_shapes_are_where_they_should_be() -> None:
    circle = generate(CircleRule(500))
    radius = np.linalg.norm(circle.points, axis=1)
    inside = circle.labels[:, 0] > 0
    assert (radius[inside] < 2.5).all()
    assert ((radius[~inside] >= 3.49999) & (radius[~inside] < 5.00001)).all()
    xor = generate(XorRule(500)).points
    assert ((np.abs(xor) >= 0.3) & (np.abs(xor) <= 5.3)).all()
    assert np.allclose(Blobs(classes=2).middles(), [[2, 2], [-2, -2]])
    for classes in range(2, 11):
        middles = Blobs(classes=classes).middles()
        apart = np.linalg.norm(middles[:, None] - middles, axis=2)[np.triu_indices(classes, 1)]
        assert apart.min() > 4 - 1e-9


def test_noise_makes_labels_near_the_boundary_wrong_and_no_others() -> None:
    noisy = CircleRule(2_000, noise=0.2)
    data = generate(noisy)
    wrong = data.labels[:, 0] != CircleRule().labels(data.points)[:, 0]
    radius = np.linalg.norm(data.points[wrong], axis=1)
    assert 0 < wrong.mean() < 0.2
    assert (np.abs(radius - 2.5) <= np.sqrt(2)).all()


@pytest.mark.parametrize("number", [5e-324, 1e-200])
def test_xor_of_numbers_whose_product_is_too_small_to_be_held_is_told_by_their_signs(number: float) -> None:
    assert XorRule().label(np.array([number, -number]))[0] == -1
    assert XorRule().label(np.array([-number, -number]))[0] == 1


def test_the_collections_are_those_of_their_sources() -> None:
    iris = generate(MAKERS["iris"]())
    assert np.round(iris.points.astype(float).mean(axis=0), 4).tolist() == [5.8433, 3.0573, 3.758, 1.1993]
    assert iris.classes == ("setosa", "versicolor", "virginica")
    assert np.bincount(iris.labels[:, 0].astype(int)).tolist() == [50, 50, 50]
    setosa = iris.points[iris.labels[:, 0] == 0]
    assert setosa[:, 2].max() < 2 < iris.points[iris.labels[:, 0] > 0][:, 2].min()
    digits = generate(MAKERS["digits"]())
    assert (digits.points * 16).sum(dtype=float) == 561_718
    assert digits.shape == (8, 8, 1)
    counts = np.bincount(digits.labels[:, 0].astype(int)).tolist()
    assert counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert len(set(iris.labels[-30:, 0].tolist())) == 3


@pytest.mark.parametrize(
    ("kind", "settings", "sentence"),
    [
        ("circle", {"noise": 1.5}, "expected noise from 0 to 1, got 1.5"),
        ("moons", {"noise": 11}, "expected noise from 0 to 10, got 11"),
        ("blobs", {"classes": 1}, "expected classes from 2 to 10, got 1"),
        ("bars", {"size": 33}, "expected a size from 2 to 32, got 33"),
        ("sine", {"inputs": 3}, "expected inputs from 1 to 2, got 3"),
        ("digits", {"points": DIGITS + 1}, "expected points from 1 to 1,797, got 1,798"),
        ("iris", {"points": FLOWERS + 1}, "expected points from 1 to 150, got 151"),
        ("xor", {"points": 0}, "expected points from 1 to 1,000,000, got 0"),
        ("spiral", {"seed": -1}, "expected a seed from 0 to 4,294,967,295, got -1"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(kind: str, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        MAKERS[kind](**settings)
    assert str(refusal.value) == sentence


def test_a_model_that_suits_is_taken_with_its_data_as_one_step() -> None:
    session = Session()
    session.set_recipe(msgspec.structs.replace(session.state.recipe, metrics=("hinge",), class_weights=(1.0, 2.0)))
    before = session.state
    blobs = Blobs(classes=4)
    session.take_data(generate(blobs), blobs.suited)
    state = session.state
    assert shape_text(state.model.network) == "8 relu, 4 softmax"
    assert (state.recipe.loss, state.recipe.metrics, state.recipe.class_weights) == (blobs.suited.loss, (), ())
    assert trains(state)
    session.trail.undo()
    now = session.state
    assert (now.dataset, now.model, now.recipe) == (before.dataset, before.model, before.recipe)


def test_the_tutorials_parts_have_a_loss_that_fits_them_whatever_was_there() -> None:
    session = Session()
    session.take_data(generate(Blobs()), Blobs().suited)
    session.use_preset(PRESETS[1])
    assert session.state.recipe.loss == "hinge"
    assert trains(session.state)


@given(ALL)
def test_the_dial_of_noise_turns_it_where_there_is_some(maker: Maker) -> None:
    (dial,) = (dial for dial in DIALS if dial.name == "noise")
    settings = Settings(Recipe(), chain_network(maker.inputs, maker.suited.layers), generate(maker))
    if maker.fixed:
        assert dial.text(settings) == "-"
        with pytest.raises(Refused, match="stand as they are"):
            dial.turned(settings, 1)
        return
    turned = dial.turned(settings, 1).dataset.origin
    assert isinstance(turned, type(maker))
    before, after = (msgspec.structs.asdict(one).pop("noise") for one in (maker, turned))
    assert before < after <= 1 or before == after
    assert msgspec.structs.replace(turned, noise=before) == maker


@pytest.mark.parametrize("kind", MAKERS)
def test_a_typed_point_has_a_label_where_a_rule_says_it_and_else_a_sentence(kind: str) -> None:
    maker = MAKERS[kind]()
    session = Session()
    session.take_data(generate(maker), maker.suited)
    session.set_x(np.full(maker.inputs, 0.25))
    if isinstance(maker, Rule):
        label, whence = row_label(session.state)
        assert np.isfinite(label).all()
        assert "the data's rule gives it" in whence
    else:
        with pytest.raises(Refused, match=f"x is no row, and {kind} has no rule to make one by; n takes a row"):
            row_label(session.state)
    session.take_row(1)
    assert row_label(session.state)[0] == session.state.dataset.labels[1]


@pytest.mark.parametrize("kind", MAKERS)
def test_made_data_come_back_from_a_file_and_from_kept_steps_as_what_made_them(kind: str, tmp_path: Path) -> None:
    maker = msgspec.structs.replace(MAKERS[kind](), points=30)
    made = generate(maker)
    save_data(tmp_path / "made.npz", made)
    again = open_data(tmp_path / "made.npz")
    assert (again.origin, as_they_are(again)) == (maker, as_they_are(made))
    session = Session()
    session.take_data(made, maker.suited)
    session.reset()
    step = decode(encode(session.trail.steps)).undo[-1]
    assert (step.dataset.origin, as_they_are(step.dataset)) == (maker, as_they_are(made))


def test_a_rule_in_a_file_of_the_time_when_there_was_but_one_is_read(tmp_path: Path) -> None:
    made = generate(SumRule(5, 3, 1.5))
    rule = '{"points":5,"inputs":3,"threshold":1.5,"seed":0,"noise":0.0}'
    np.savez(tmp_path / "old.npz", points=made.points, labels=made.labels[:, 0], rule=np.array(rule))
    assert open_data(tmp_path / "old.npz").origin == SumRule(5, 3, 1.5)
