"""Whether a model can answer made data; if not, what it lacks, so that one that suits them can be offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.data.dataset import DataFile
from core.errors import Refused
from core.model.network import dense_network, times
from core.tasks.choosing import task_for
from core.tasks.fitting import require_fit
from core.tasks.numbers import Numbers

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.model.network import Network


def require_answered(dataset: Dataset, network: Network, loss_name: str) -> None:
    """Refuse a network and a loss that can't answer made data, whose labels mean what the model suited to them says.

    Of another number of inputs the layers begin anew, which those of a network for images can't.

    Raises:
        Refused: the sentence says which two things don't fit.
    """
    if network.shape and dataset.inputs != network.inputs:
        raise Refused(f"the model is for {times(network.shape)}, and these points have {dataset.inputs:,}")
    task = task_for(dataset, network.outputs, loss_name)
    if not isinstance(dataset.origin, DataFile):
        suited = dataset.origin.suited
        meant = task_for(dataset, dense_network(dataset.inputs, suited.layers).outputs, suited.loss)
        # One output and hinge take the numbers of classes for numbers, but the maker knows that they are none.
        if isinstance(task, Numbers) != isinstance(meant, Numbers):
            task = meant
    require_fit(task, loss_name, network.outputs, dataset)
