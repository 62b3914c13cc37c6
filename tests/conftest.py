"""A small world for tests of what reads shards and a registry: two frameworks, a few capabilities and claims."""

from __future__ import annotations

import shutil
from pathlib import Path

import attrs
import pytest

from fwconformance import _archive
from fwconformance.evidence import Era, Figure, Header, Level, Observation, Outcome, Profile
from fwconformance.frameworks import Activation, BatchNorm, Conv2D, Dense, Flatten, Network
from fwconformance.registry import (
    Capability,
    Case,
    Claim,
    Environment,
    Finding,
    Inapplicable,
    Primary,
    Record,
    Registry,
    Source,
    Subject,
    Tolerance,
    parse_rule,
)
from fwconformance.shards import FindingRecord, ProofRecord, Shard, Start
from fwconformance.works import WORKS, Work

# Pytest takes this from the topmost conftest only; tests/plugin/ uses it.
pytest_plugins = ["pytester"]

CHECKOUT = Path(__file__).resolve().parents[1]

LABEL = "a box, Linux x86_64"
SUITE = "sha256:" + "0" * 64


def _case(name, *, required=True, profile=Profile.SMOKE):
    return Case(id=name, required=required, profile=profile, sees=f"that {name} holds")


def _capability(name, *cases, inapplicable=()):
    tolerance = Tolerance(rtol=1e-4, atol=1e-5, because="float32 sums of 64 terms")
    return Capability(
        id=name,
        title=f"The {name}",
        acceptance="It holds.",
        active=bool(cases),
        tolerance=tolerance if cases else None,
        cases=cases,
        inapplicable=inapplicable,
    )


def _claim(name, rule, *, device="cpu", level=Level.HARDWARE):
    subject = name.split(".")[0]
    return Claim(
        id=name,
        source="article-2020",
        subject=subject,
        section="features",
        paraphrase=f"{subject} | does it.",
        kind="capability",
        revision=1,
        level=level,
        device=device,
        rule=parse_rule(rule),
    )


def _environment(name, framework, *, backend="", device="cpu", era=Era.CURRENT, **expect):
    return Environment(
        name=name,
        framework=framework,
        backend=backend,
        device=device,
        era=era,
        core=device == "cpu",
        expect=expect,
        uploaded="2026-07-29",
        note="",
    )


def _subject(name, **primary):
    eras = {"current": (Era.CURRENT, "cpu"), "gpu": (Era.CURRENT, "cuda"), "then": (Era.Y2020, "cpu")}
    found = [Primary(era=eras[key][0], device=eras[key][1], environment=value) for key, value in primary.items()]
    return Subject(id=name, title=name.title(), primary=tuple(found), newest=())


def _by_id(*entries, key="id"):
    return {getattr(entry, key): entry for entry in sorted(entries, key=lambda entry: getattr(entry, key))}


def _registry():
    record = Record(
        claim="keras.origin",
        era=Era.Y2020,
        stance="supports",
        strength="strong",
        date="2015-03-27",
        read="2026-11-22",
        text="The first commit | is of 2015.",
        sources=(Source(title="Keras' repository", url="https://example.org/keras", date="2015-03-27"),),
    )
    return Registry(
        capabilities=_by_id(
            _capability(
                "layers.dense",
                _case("forward"),
                _case("gradients", profile=Profile.STANDARD),
                _case("wide", required=False, profile=Profile.FULL),
            ),
            _capability(
                "backend.own",
                _case("tensors"),
                inapplicable=(Inapplicable(framework="pytorch", backend=None, reason="it is its own"),),
            ),
            _capability("train.sgd", _case("three-steps"), _case("nesterov", required=False)),
            _capability("device.many"),
        ),
        claims=_by_id(
            _claim("keras.layers", {"all": ["layers.dense", "train.sgd"]}),
            _claim("keras.origin", {"record": True}),
            _claim("keras.gpu", "train.sgd", device="cuda"),
            _claim("keras.many", "device.many"),
            _claim(
                "keras.on-jax", {"all": ["train.sgd", {"capability": "backend.own", "environment": "keras-jax-cpu"}]}
            ),
            _claim(
                "overall.more", {"more": {"of": ["layers.dense", "train.sgd"], "subject": "keras", "than": ["pytorch"]}}
            ),
        ),
        records={("keras.origin", Era.Y2020): (record,)},
        environments=_by_id(
            _environment("keras-cpu", "keras", backend="tensorflow", keras="3.15.1"),
            _environment("keras-jax-cpu", "keras", backend="jax", keras="3.15.1"),
            _environment("keras-gpu", "keras", backend="tensorflow", device="cuda", keras="3.15.1"),
            _environment("torch-cpu", "pytorch", torch="2.15.0"),
            _environment("torch-2020-cpu", "pytorch", era=Era.Y2020, torch="1.7.1"),
            key="name",
        ),
        subjects=_by_id(
            _subject("keras", current="keras-cpu", gpu="keras-gpu"),
            _subject("pytorch", current="torch-cpu", then="torch-2020-cpu"),
            _subject("overall"),
        ),
        findings=_by_id(
            Finding(
                id="keras-dense-nan",
                framework="keras",
                backend=None,
                capability="layers.dense",
                cases=("gradients",),
                versions="",
                outcome="failed",
                exception="",
                message="",
                deviation="it gives NaN",
                upstream="https://example.org/issues/1",
                program="keras_dense_nan.py",
                summary="Gradients | are NaN.",
            )
        ),
    )


class World:
    """Makes shards over a small registry.

    Every case of the profile passes, unless `outcomes` says otherwise: (capability, case) to an outcome, to a dict of
    fields of the observation, to a list of those (attempts), to "started" or to None (nothing was reported).
    """

    label = LABEL
    suite = SUITE

    def __init__(self):
        self.registry = _registry()

    def shard(
        self,
        environment="keras-cpu",
        outcomes=None,
        *,
        path=None,
        run=None,
        findings=(),
        proofs=(),
        ended=0,
        only=None,
        **header,
    ):
        declared = self.registry.environments[environment]
        fields = {
            "run": run or f"run of {environment}",
            "environment": environment,
            "label": LABEL,
            "framework": declared.framework,
            "backend": declared.backend,
            "device": declared.device,
            "profile": "standard",
            "seed": 20200101,
            "versions": {**declared.expect, "numpy": "2.3.5"},
            "python": "3.11.7",
            "platform": {"system": "Linux", "machine": "x86_64"},
            "suite_version": "0.1.0",
            "suite_content": SUITE,
            "started": "2026-11-22T20:00:00Z",
            "only": only or (),
        }
        made = Header(**{**fields, **header})
        observations, unfinished = self._observations(made, declared, outcomes or {}, only)
        lines = {
            (each.key.capability, each.key.case, each.attempt): number
            for number, each in enumerate(observations, start=2)
        }
        return Shard(
            path=path or f"{environment}.jsonl",
            header=made,
            observations=tuple(observations),
            unfinished=tuple(unfinished),
            findings=tuple(FindingRecord(**each) for each in findings),
            proofs=tuple(ProofRecord(**each) for each in proofs),
            ended=ended,
            lines=lines,
        )

    def _observations(self, header, declared, outcomes, only):
        observations, unfinished = [], []
        for capability in self.registry.active():
            if capability.inapplicable_to(declared.framework, declared.backend) or (only and capability.id not in only):
                continue
            for case in capability.cases:
                if not Profile(header.profile).holds(case.profile):
                    continue
                wanted = outcomes.get((capability.id, case.id), Outcome.PASSED)
                if wanted == "started":
                    unfinished.append(Start(capability=capability.id, case=case.id, attempt=1))
                elif wanted is not None:
                    for attempt, each in enumerate(wanted if isinstance(wanted, list) else [wanted], start=1):
                        observations.append(self.observation(header.key(capability.id, case.id), each, attempt))
        return observations, unfinished

    @staticmethod
    def observation(key, wanted, attempt=1):
        fields = dict(wanted) if isinstance(wanted, dict) else {"outcome": wanted}
        shown = fields["outcome"] in (Outcome.PASSED, Outcome.FAILED, Outcome.UNSUPPORTED)
        fields.setdefault("level", Level.HARDWARE if shown else None)
        fields.setdefault("message", "" if fields["outcome"] is Outcome.PASSED else f"it {fields['outcome'].value}")
        fields.setdefault("figures", {"largest error": Figure(value=1e-6, unit="1")} if shown else {})
        return Observation(key=key, attempt=attempt, duration=0.25, device_observed=(key.device,), **fields)

    def with_registry(self, **changes):
        """This world with some of the registry replaced."""
        other = World()
        other.registry = attrs.evolve(self.registry, **changes)
        return other


@pytest.fixture
def world():
    """Two frameworks, a few capabilities and claims, and shards of them."""
    return World()


@pytest.fixture(scope="session")
def small_world():
    """The same, for Hypothesis; nothing in it can be changed but its registry."""
    return World()


@pytest.fixture
def normalised(monkeypatch):
    """A made-up work with batch normalisation, for the time of a test in the catalog: {"train", "inference"} of it."""
    network = Network(
        layers=(
            *(Conv2D(channels=4, kernel=(3, 3), bias=False), BatchNorm(), Activation(kind="tanh")),
            *(Flatten(), Dense(units=3)),
        ),
        input_shape=(2, 6, 6),
    )
    found = {
        suffix: Work(
            id=f"normalised-{suffix}",
            title="Made up",
            network=network,
            batch=8,
            trains=suffix == "train",
            rtol=1e-3,
            atol=1e-4,
            because="a test",
            source="made up",
        )
        for suffix in ("train", "inference")
    }
    for work in found.values():
        monkeypatch.setitem(WORKS, work.id, work)
    return found


@pytest.fixture
def install():
    """Lays the package out in a folder as the wheel does: what only a run needs in the archive."""

    def lay_out(folder):
        def ignored(directory, names):
            top = Path(directory) == CHECKOUT / "fwconformance"
            return {name for name in names if name == "__pycache__" or (top and name in _archive.ARCHIVED)}

        shutil.copytree(CHECKOUT / "fwconformance", folder, ignore=ignored)
        _archive.write_archive(folder / _archive.ARCHIVE.name, _archive.roots(CHECKOUT))

    return lay_out


@pytest.fixture
def header():
    return Header(
        run="a1b2",
        environment="torch-cpu",
        label="a processor, Linux, x86_64",
        framework="pytorch",
        backend="",
        device="cpu",
        profile="standard",
        seed=20200101,
        versions={"torch": "2.15.0", "numpy": "2.4.6"},
        python="3.11.7",
        platform={"system": "Linux", "machine": "x86_64"},
        suite_version="0.1.0",
        suite_content="sha256:00",
        started="2026-11-22T20:00:00Z",
    )
