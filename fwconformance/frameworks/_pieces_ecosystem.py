"""Protocols of the pieces about libraries that others built on a framework. A piece has the library's name."""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from fwconformance.frameworks._protocol import Array, OnHost, Tensor


class Estimators(Protocol):
    """Pieces "skorch", "scikeras": networks of the framework as estimators of scikit-learn.

    The classifier is a hidden layer of 16 with tanh and an output layer with softmax, trained by stochastic gradient
    descent on whole passes; weights are "0.kernel", "0.bias", "2.kernel", "2.bias" in the neutral layout. `inputs` are
    (examples, features), `labels` (examples,) from 0.
    """

    def checks(self, kind: str) -> Mapping[str, Any]:
        """What scikit-learn's own `check_estimator` says of a "classifier" or "regressor".

        Returns "checks", each check's name to "" (passed), "skipped: reason" or its error, and "weights", those of an
        estimator of that kind that was fitted.
        """
        ...

    def pipeline(self, inputs: Array, labels: Array, unseen: Array) -> Mapping[str, Any]:
        """A pipeline of `StandardScaler` and the classifier, fitted: "weights", and of `unseen` "probabilities"
        (OnHost) and "labels" (OnHost).
        """
        ...

    def search(self, inputs: Array, labels: Array, unseen: Array, rates: Sequence[float]) -> Mapping[str, Any]:
        """`GridSearchCV` over learning rates, three folds: "scores" (rates,), "best" () an index, both OnHost; of the
        classifier that it fitted again by the best, "weights", and of `unseen` "probabilities".
        """
        ...

    def cross_validation(self, inputs: Array, labels: Array, folds: int) -> Sequence[Mapping[str, Any]]:
        """`cross_validate`, by fold: "weights", "held_out" (examples of the fold,) their indices and "score" (), the
        accuracy that scikit-learn reports; both OnHost.
        """
        ...

    def cloned(self, inputs: Array, labels: Array) -> Mapping[str, Any]:
        """`clone` of a fitted classifier: "differing", names of its parameters that are other ones; "error", the type
        of what it raises when it is asked to predict, "" if nothing; "before" and "after", the first one's weights
        before and after the clone was fitted on other labels; "clone", those of the clone.
        """
        ...

    def pickled(self, inputs: Array, labels: Array, unseen: Array) -> Mapping[str, Any]:
        """A fitted classifier through `pickle`: "weights" and "loaded", those of the second; "probabilities" of
        `unseen` by the second.
        """
        ...

    def calibrated(self, inputs: Array, labels: Array, unseen: Array, passes: int) -> Mapping[str, Any]:
        """Probabilities of `unseen` by a classifier fitted in `passes` passes ("raw") and by `CalibratedClassifierCV`
        around it ("calibrated"), both OnHost; "weights" of the first; and of each network inside the second ("folds")
        "weights", and "slopes" and "offsets" (classes,) of the sigmoid that calibrates it.
        """
        ...


class Posteriors(Protocol):
    """Pieces "pyro", "tensorflow-probability", "mxfusion": a posterior by the library's own means.

    The model is linear regression: coefficients normal with mean zero and scale `prior`, observations normal around
    ``inputs @ coefficients`` with scale `noise`. Inputs are (examples, features), observations (examples,).
    """

    def requires(self) -> Mapping[str, str]:
        """What the installed library's metadata require without an extra: distribution to specifier."""
        ...

    def summary(self) -> str:
        """What its metadata say that it is, in one line."""
        ...

    def variational(
        self, inputs: Array, observations: Array, *, prior: float, noise: float, steps: int
    ) -> Mapping[str, Tensor]:
        """A normal distribution with full covariance fitted by stochastic variational inference: "mean" (features,)
        and "covariance" (features, features).
        """
        ...

    def sampled(
        self, inputs: Array, observations: Array, *, prior: float, noise: float, warmup: int, samples: int
    ) -> Tensor:
        """Draws of the No-U-Turn sampler after `warmup`: (samples, features)."""
        ...


class Zoo(Protocol):
    """Pieces "torchvision", "keras-applications": networks that a library defines, with weights elsewhere.

    Images are (examples, channels, rows, columns), red, green, blue, 0 to 255; adapters transpose.
    """

    def listing(self) -> Mapping[str, Sequence[str]]:
        """Names of architectures by task, as the library lists them itself."""
        ...

    def built(self, name: str) -> Mapping[str, Tensor]:
        """Every weight of architecture `name` for ImageNet's 1,000 classes, untrained, by the library's names and in
        its layout; statistics of batch normalisation too.
        """
        ...

    def trained_names(self, name: str) -> Sequence[str]:
        """Which of `built` are trained."""
        ...

    def forward(self, name: str, images: Array) -> Tensor:
        """What the untrained architecture gives for prepared `images`, in inference."""
        ...

    def prepared(self, name: str, images: Array) -> Tensor:
        """`images` as the library prepares them for `name`: (examples, channels, rows, columns)."""
        ...

    def fine_tuned(self, name: str, images: Array, labels: Array, *, classes: int, steps: int) -> Mapping[str, Any]:
        """Everything frozen but a new output layer, which is trained on prepared `images`: "frozen before", "frozen
        after", "head before", "head after", each weights by name, and "losses" of the steps.
        """
        ...

    def downloaded(self, name: str, folder: str, *, torn: bool) -> Mapping[str, Any]:
        """The library's own way of fetching weights, from a server on this machine: it serves, below the name that
        the library asks for, a file in its format with drawn weights, one byte of it changed if `torn`; `folder` takes
        what is fetched. "stored" and "loaded", weights by name, or "error", what it says, where it refuses the file.
        """
        ...

    def recognised(self, name: str, images: Array, folder: str) -> Tensor:
        """What `name` with its published weights, fetched into `folder`, gives for `images`: (examples, 1000).

        Raises Unavailable where they cannot be reached.
        """
        ...


class Vision(Protocol):
    """Piece "gluoncv": a library that sees.

    Images are (examples, 3, rows, columns) in -1 to 1 unless said otherwise; boxes (..., 4) are left, top, right,
    bottom in pixels; labels count from 0.
    """

    def listing(self) -> Sequence[str]:
        """Names of architectures, as the library lists them itself."""
        ...

    def classifier(self, images: Array, labels: Array, unseen: Array, *, classes: int, steps: int) -> Mapping[str, Any]:
        """A residual network for images of 32 x 32, trained from drawn weights on the one batch: "losses" before each
        step, and "outputs" (examples, classes) of `unseen`.
        """
        ...

    def detector(self, images: Array, boxes: Array, labels: Array, *, classes: int, steps: int) -> Mapping[str, Any]:
        """A single-shot detector, trained likewise on `boxes` (examples, boxes, 4) and `labels` (examples, boxes):
        "losses"; and of the same images "classes" and "scores" (examples, found) and "boxes" (examples, found, 4), the
        surest first.
        """
        ...

    def overlap(self, first: Array, second: Array) -> OnHost:
        """Intersection over union of each of `first` (n, 4) with each of `second` (m, 4): (n, m)."""
        ...

    def average_precision(self, boxes: Array, scores: Array, truth: Array) -> OnHost:
        """Of detections of one class in one image, at an overlap of a half, by the eleven points of 2007."""
        ...

    def prepared(self, images: Array) -> Tensor:
        """`images`, 0 to 255, as the library prepares them for ImageNet: (examples, 3, 224, 224)."""
        ...

    def downloaded(self, folder: str, *, torn: bool) -> Mapping[str, Any]:
        """As `Zoo.downloaded`, for the residual network."""
        ...


class Language(Protocol):
    """Piece "gluonnlp": a library that reads. Ids are (examples, time), below `vocabulary`."""

    def vocabulary(self, tokens: Sequence[str], asked: Sequence[str]) -> Mapping[str, Any]:
        """Of tokens that stand twice or more: "tokens" by index, and "indices" (asked,) of `asked`."""
        ...

    def language_model(
        self, inputs: Array, targets: Array, unseen: Array, *, vocabulary: int, units: int, steps: int
    ) -> Mapping[str, Any]:
        """Embedding, one LSTM layer and an output layer, trained from drawn weights on the one batch: "losses",
        "outputs" (examples, time, vocabulary) of `unseen`, and "weights" by neutral name.
        """
        ...

    def bert(
        self, ids: Array, lengths: Array, masked: Array, sought: Array, *, vocabulary: int, steps: int
    ) -> Mapping[str, Any]:
        """A BERT of two layers, trained to tell `sought`, the ids at the positions `masked` (both (examples, places)):
        "losses", and "decoded" (examples, places, vocabulary) afterwards.
        """
        ...

    def bert_encoded(self, batches: Sequence[Array], lengths: Array, *, vocabulary: int) -> Sequence[Tensor]:
        """What one such BERT, untrained, gives for each of `batches`: (examples, time, features)."""
        ...

    def bert_base(self) -> Mapping[str, Tensor]:
        """The trained weights of BERT's base size with a vocabulary of 30,522, drawn."""
        ...


ECOSYSTEM_PIECES: Mapping[str, Any] = {
    "skorch": Estimators,
    "scikeras": Estimators,
    "pyro": Posteriors,
    "tensorflow-probability": Posteriors,
    "mxfusion": Posteriors,
    "torchvision": Zoo,
    "keras-applications": Zoo,
    "gluoncv": Vision,
    "gluonnlp": Language,
}
