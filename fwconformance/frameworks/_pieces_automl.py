"""Protocol of the pieces that search for a model by themselves."""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from fwconformance.frameworks._protocol import Array

#: Kinds of task, each a method of the same name's data: see `Searches.search`.
TASKS = ("image", "text", "tabular", "regression", "series")


class Searches(Protocol):
    """Pieces "autokeras", "auto-pytorch": libraries that search for an architecture and its hyperparameters.

    Inputs by task, labels counting from 0:

    - image: float32 (examples, rows, columns, 1) in 0 to 1; labels (examples,)
    - text: a list of sentences; labels (examples,)
    - tabular: float32 (examples, columns); labels (examples,)
    - regression: the same with real targets (examples,)
    - series: float32 (series, time), to go on with by as many steps as `unseen` asks for; no targets

    A task that a library has not raises `Unsupported`, by a probe of its own names.
    """

    def search(
        self, task: str, inputs: Any, targets: Any, unseen: Any, *, trials: int, epochs: int, seed: int, folder: str
    ) -> Mapping[str, Any]:
        """Search by the library's own means among `trials` configurations, each trained for `epochs` passes at most.

        Part of what it is given the library holds out by itself, to score by: a loss, so less is better.

        Returns "trials" in the order tried, each "settings" (hyperparameter to value, both text), "family" (the
        architecture, by the library's own name) and "score" (OnHost, infinite where the trial failed); "best" (OnHost),
        the trial that the library itself takes; "weights" of the model that it ends with, by the library's names;
        "predictions" of `unseen` (OnHost): labels (examples,), real targets (examples,), or for series
        (series, steps); and "file", the path below `folder` that the model was exported to. A search that ends without
        a model gives a best of -1, no weights and no predictions.
        """
        ...

    def reloaded(self, task: str, file: str, unseen: Any) -> Mapping[str, Any]:
        """The exported model, in a process that did not search: "weights" and "predictions" as `search` has them."""
        ...

    def space(self, task: str, inputs: Array, targets: Array, folder: str) -> Sequence[Mapping[str, Any]]:
        """Every hyperparameter that the search for `task` can set: "name"; "values" (texts), or [] for a range, with
        "count" (OnHost) how many it has, infinite for real ones; "where", pairs of another's name and the values of it
        for which this one is there.
        """
        ...


AUTOML_PIECES: Mapping[str, Any] = {"autokeras": Searches, "auto-pytorch": Searches}
