"""The catalog: which frameworks there are, what each needs, and how to get one. Imports no framework to answer.

Built-in entries stand below. A third party adds one through the entry-point group `fwconformance.frameworks`: the
entry point's name is the framework's, its value a factory ``module:create`` called as ``create(backend, device)``;
see docs/third-party.md.
"""

from __future__ import annotations

import importlib
import importlib.util
from importlib import metadata
from typing import Any, Mapping

import attrs

from fwconformance.frameworks._protocol import Framework

GROUP = "fwconformance.frameworks"


class CatalogError(Exception):
    """A framework cannot be had as asked for; the message says why and what to do."""


class UnknownFramework(CatalogError):
    """No framework of that name; the message lists the known."""


class UnknownBackend(CatalogError):
    """The framework has no such backend; the message lists those it has."""


class NotInstalled(CatalogError):
    """The framework is not importable here; the message says what to install and which tox environment has it."""


@attrs.frozen(kw_only=True)
class Backend:
    """What one choice of backend needs.

    Attributes:
        requires: top-level modules that must be importable.
        distributions: where versions are read from; those that are installed count.
        install: arguments for ``pip install``.
        tox: tox environment without its device factor ("keras-jax"), or "" where the project has none.
        tox_by_device: whole names for kinds of devices that have an environment of another make.
    """

    requires: tuple[str, ...]
    distributions: tuple[str, ...]
    install: str
    tox: str = ""
    tox_by_device: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Entry:
    """One framework.

    Attributes:
        name: as in `--framework`.
        factory: "module:function", called as ``function(backend, device, **options)``.
        backends: needs by backend name; the first is the default, "" where there is none to choose.
        aliases: other names.
        options: names of further options that the factory takes.
        provider: the distribution that offers it, "" for a built-in one.
    """

    name: str
    factory: str
    backends: Mapping[str, Backend]
    aliases: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    provider: str = ""

    @property
    def default_backend(self) -> str:
        return next(iter(self.backends))

    def backend(self, name: str = "") -> Backend:
        """The needs of backend `name`, of the default where empty. Raises UnknownBackend."""
        chosen = name or self.default_backend
        if chosen in self.backends:
            return self.backends[chosen]
        if tuple(self.backends) == ("",):
            raise UnknownBackend(f"{self.name} has no backend to choose; leave {name!r} out")
        raise UnknownBackend(f"{self.name} has no backend {name!r}; it has {', '.join(self.backends)}")

    def missing(self, backend: str = "") -> tuple[str, ...]:
        """Required modules that are not importable here; found by looking, not by importing."""
        return tuple(module for module in self.backend(backend).requires if not _importable(module))

    def versions(self, backend: str = "") -> dict[str, str]:
        """Versions of the installed distributions by their metadata; imports nothing."""
        found = {}
        for distribution in self.backend(backend).distributions:
            try:
                found[distribution] = metadata.version(distribution)
            except metadata.PackageNotFoundError:
                continue
        return found

    def tox_environment(self, backend: str = "", device: str = "cpu") -> str:
        """The tox environment of this project that has it, or ""."""
        needs, kind = self.backend(backend), device.split(":", maxsplit=1)[0]
        if not needs.tox or self.name == "reference":
            return needs.tox
        return needs.tox_by_device.get(kind) or f"{needs.tox}-{'gpu' if kind == 'cuda' else 'cpu'}"

    def require(self, backend: str = "", device: str = "cpu") -> None:
        """Raise NotInstalled where a required module is missing."""
        missing = self.missing(backend)
        if not missing:
            return
        needs = self.backend(backend)
        what = f"{self.name} on {backend}" if backend else self.name
        ways = [f"install it with `pip install {needs.install}`"] if needs.install else []
        environment = self.tox_environment(backend, device)
        if environment:
            ways.append(f"use the tox environment that has it: `tox -e {environment}`")
        way = ", or ".join(ways)
        lacking = f"{what} is not importable here: no module {' or '.join(repr(name) for name in missing)}."
        raise NotInstalled(f"{lacking} {way[:1].upper()}{way[1:]}." if way else lacking)


def _single(requires: tuple[str, ...], distributions: tuple[str, ...], install: str, tox: str) -> dict[str, Backend]:
    return {"": Backend(requires=requires, distributions=distributions, install=install, tox=tox)}


def _keras(backend: str, module: str, distributions: tuple[str, ...], install: str, tox: str) -> Backend:
    return Backend(
        requires=("keras", module), distributions=("keras", *distributions), install=f"keras {install}", tox=tox
    )


_TENSORFLOW = ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos")

_BUILT_IN = (
    Entry(
        name="pytorch",
        aliases=("torch",),
        factory="fwconformance.frameworks.pytorch:create",
        backends={
            "": Backend(
                requires=("torch",),
                # What speaks of a library that pins PyTorch is known by the library's version.
                distributions=("torch", "torch_xla", "autoPyTorch"),
                install="torch",
                tox="torch",
                tox_by_device={"xla": "torch-xla-cpu", "tpu": "torch-xla-tpu"},
            )
        },
    ),
    Entry(
        name="tensorflow",
        aliases=("tf",),
        factory="fwconformance.frameworks.tensorflow:create",
        backends=_single(("tensorflow",), _TENSORFLOW, "tensorflow", "tensorflow"),
    ),
    Entry(
        name="keras",
        factory="fwconformance.frameworks.keras:create",
        backends={
            "tensorflow": _keras("tensorflow", "tensorflow", (*_TENSORFLOW, "autokeras"), "tensorflow", "keras"),
            "torch": _keras("torch", "torch", ("torch",), "torch", "keras-torch"),
            "jax": _keras("jax", "jax", ("jax", "jaxlib"), "jax", "keras-jax"),
        },
    ),
    Entry(
        name="mxnet",
        factory="fwconformance.frameworks.mxnet:create",
        backends=_single(("mxnet",), ("mxnet", "mxnet-cu112", "mxnet-cu102"), "mxnet 'numpy<1.24'", "mxnet"),
    ),
    Entry(
        name="caffe",
        factory="fwconformance.frameworks.caffe:create",
        # No index has it: what is importable under that name was built, or is somebody else's build.
        backends=_single(("caffe",), ("caffe",), "", "caffe"),
    ),
    Entry(
        name="caffe2",
        factory="fwconformance.frameworks.caffe2:create",
        # It was never a package of its own: PyTorch's carried it, until 1.11.
        backends=_single(("caffe2",), ("torch",), "'torch<1.12' 'numpy<1.20' 'protobuf<3.21' six future", "caffe2"),
    ),
    Entry(
        name="reference",
        factory="fwconformance.frameworks.reference:create",
        backends=_single(("numpy",), ("fwconformance", "numpy"), "'fwconformance[suites]'", "reference"),
        options=("mutant",),
    ),
)


def entries() -> tuple[Entry, ...]:
    """Every framework: the built-in ones, then third parties' by name.

    Raises CatalogError where two providers claim one name.
    """
    known: dict[str, Entry] = {}
    for entry in _BUILT_IN:
        known.update(dict.fromkeys((entry.name, *entry.aliases), entry))
    others = []
    for entry in _third_party():
        if entry.name in known:
            first = known[entry.name].provider or "fwconformance itself"
            raise CatalogError(
                f"the framework name {entry.name!r} is claimed by {entry.provider} and by {first}: "
                "uninstall one of them"
            )
        known[entry.name] = entry
        others.append(entry)
    return (*_BUILT_IN, *sorted(others, key=lambda entry: entry.name))


def known_names() -> tuple[str, ...]:
    """Names of all frameworks, without aliases."""
    return tuple(entry.name for entry in entries())


def find_entry(name: str) -> Entry:
    """The entry called `name` or having it as alias. Raises UnknownFramework, listing the known."""
    for entry in entries():
        if name == entry.name or name in entry.aliases:
            return entry
    listed = ", ".join(
        entry.name + (f" (or {', '.join(entry.aliases)})" if entry.aliases else "") for entry in entries()
    )
    raise UnknownFramework(
        f"unknown framework {name!r}; known are: {listed}. Others can be added through the entry-point group {GROUP!r}."
    )


def create(name: str, backend: str = "", device: str = "cpu", **options: Any) -> Framework:
    """An adapter for framework `name`, which is imported now.

    Args:
        name: name or alias.
        backend: "" for the framework's default.
        device: "cpu", "cuda", "cuda:1", "tpu", what else the framework names, or "auto".
        options: those that the entry names (the reference: ``mutant``); empty values are left out.

    Raises UnknownFramework, UnknownBackend, NotInstalled; CatalogError for an option that the framework does not
    take or a factory that is not there; Unavailable from the adapter where the device is not. What a framework's
    import raises is not caught.
    """
    entry = find_entry(name)
    entry.require(backend, device)
    given = {option: value for option, value in options.items() if value not in (None, "")}
    for option in given:
        if option not in entry.options:
            raise CatalogError(f"{entry.name} takes no option {option!r}")
    framework: Framework = load_factory(entry)(backend or entry.default_backend, device, **given)
    return framework


def load_factory(entry: Entry) -> Any:
    """The factory of `entry`, its module imported. Raises CatalogError where the module has no such function."""
    module_name, _, attribute = entry.factory.partition(":")
    found: Any = importlib.import_module(module_name)
    for part in attribute.split("."):
        found = getattr(found, part, None)
        if found is None:
            raise CatalogError(f"the factory of {entry.name} is not there: {module_name} has no {attribute}")
    return found


def _third_party() -> list[Entry]:
    """Entries of other distributions. Read one distribution at a time: before Python 3.10 an entry point did not
    know its own.
    """
    found: dict[str, list[Entry]] = {}
    for distribution in metadata.distributions():
        points = [point for point in distribution.entry_points if point.group == GROUP]
        if points:
            name = distribution.metadata["Name"] or "an unnamed package"
            # The same distribution further down the path is hidden by the first, as its modules are.
            found.setdefault(name, [_from_entry_point(point, name) for point in points])
    return [entry for provided in found.values() for entry in provided]


def _from_entry_point(point: metadata.EntryPoint, distribution: str) -> Entry:
    module = point.value.partition(":")[0].split("[")[0].strip().split(".")[0]
    needs = Backend(requires=(module,), distributions=(distribution,), install=distribution)
    return Entry(name=point.name, factory=point.value.strip(), backends={"": needs}, provider=distribution)


def _importable(module: str) -> bool:
    """Whether `module` can be imported. A bare folder of that name (a project's `torch/`) is no framework."""
    try:
        spec: Any | None = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None
