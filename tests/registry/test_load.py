"""Loading the registry: what it holds, and every error."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest

from fwconformance.evidence import Era, Level, Profile, ShownBy
from fwconformance.registry import Atom, RegistryError, load_registry

Change = Callable[[str, str, str], None]
Add = Callable[[str, str], None]
Problems = Callable[[], "tuple[str, ...]"]

CLAIM = """
[[claim]]
id = "{id}"
subject = "keras"
section = "s"
paraphrase = "p"
kind = "capability"
revision = 1
rule = {rule}
"""


def test_a_valid_registry_is_typed(root: Path) -> None:
    """Each kind of entry, with its defaults."""
    registry = load_registry(root=root)
    capability = registry.capabilities["rnn.lstm"]
    assert (capability.area, capability.active, capability.case("peephole").profile) == ("rnn", True, Profile.FULL)
    assert capability.tolerance is not None
    assert capability.tolerance.rtol == 1e-4
    claim = registry.claims["keras.recurrent"]
    assert (claim.source, claim.level, claim.device) == ("article", Level.HARDWARE, "cpu")
    assert claim.rule == Atom(capability="rnn.lstm")
    assert registry.findings["lstm-peephole"].cases == ("peephole",)


def test_a_run_reads_neither_claims_nor_records(root: Path) -> None:
    """And all that it needs, the same."""
    (root / "registry" / "claims.toml").write_text("not TOML at all", encoding="utf-8")
    (root / "registry" / "records.toml").unlink()
    registry = load_registry(root=root, judging=False)
    assert (registry.claims, dict(registry.records)) == ({}, {})
    assert "rnn.lstm" in registry.capabilities
    assert registry.findings["lstm-peephole"].cases == ("peephole",)


def test_areas_may_have_capability_files_of_their_own(root: Path, add: Add) -> None:
    """Beside capabilities.toml; an id that stands in two is refused."""
    more = root / "registry" / "capabilities-more.toml"
    more.write_text('[[capability]]\nid = "more.thing"\ntitle = "T"\nacceptance = "A."\nstatus = "planned"\n', "utf-8")
    assert "more.thing" in load_registry(root=root).capabilities
    more.write_text(more.read_text("utf-8").replace("more.thing", "rnn.lstm"), "utf-8")
    with pytest.raises(RegistryError, match=r"rnn\.lstm"):
        load_registry(root=root)


def test_entries_are_sorted_by_id(root: Path, change: Change, add: Add) -> None:
    """Whatever the order in the file."""
    add("claims.toml", CLAIM.format(id="keras.a", rule='"export.onnx"'))
    assert list(load_registry(root=root).claims) == ["keras.a", "keras.recurrent"]


def test_a_case_that_is_not_there_is_named_with_those_that_are(root: Path) -> None:
    """KeyError for programmers."""
    with pytest.raises(KeyError, match="it has forward, peephole"):
        load_registry(root=root).capabilities["rnn.lstm"].case("backward")


def test_inapplicability_is_of_a_backend_where_one_is_named(root: Path) -> None:
    """The other backends are not meant."""
    capability = load_registry(root=root).capabilities["rnn.lstm"]
    assert capability.inapplicable_to("keras", "jax") == "no recurrence there"
    assert capability.inapplicable_to("keras", "torch") is None


def test_inapplicability_without_a_backend_is_of_all(root: Path, change: Change) -> None:
    """No backend named, every backend meant."""
    change("capabilities.toml", 'backend = "jax"\n', "")
    assert load_registry(root=root).capabilities["rnn.lstm"].inapplicable_to("keras", "torch") == "no recurrence there"


ONE_VARIANT = 'backend = "jax"\ncase = "peephole"\n'


def test_a_variant_alone_may_be_inapplicable(root: Path, change: Change) -> None:
    """The capability still means something there, and its other cases do."""
    change("capabilities.toml", 'backend = "jax"\n', ONE_VARIANT)
    capability = load_registry(root=root).capabilities["rnn.lstm"]
    assert capability.inapplicable_to("keras", "jax") is None
    assert [case.id for case in capability.cases_for("keras", "jax")] == ["forward"]
    assert [case.id for case in capability.cases_for("keras", "torch")] == ["forward", "peephole"]


def test_a_required_case_cannot_be_inapplicable_alone(root: Path, change: Change) -> None:
    """What is required decides the cell: without it the capability itself means nothing there."""
    change("capabilities.toml", 'backend = "jax"\n', ONE_VARIANT.replace("peephole", "forward"))
    with pytest.raises(RegistryError, match="case 'forward' is no variant of the capability; it has peephole"):
        load_registry(root=root)


def test_one_of_several_cases_any_of_which_is_enough_may_be_inapplicable_alone(root: Path, change: Change) -> None:
    """The others still show the capability there."""
    change("capabilities.toml", 'backend = "jax"\n', ONE_VARIANT.replace("peephole", "forward"))
    change("capabilities.toml", 'status = "active"\n', 'status = "active"\nshown_by = "any"\n')
    capability = load_registry(root=root).capabilities["rnn.lstm"]
    assert capability.shown_by is ShownBy.ANY
    assert [case.id for case in capability.cases_for("keras", "jax")] == ["peephole"]


def test_records_are_found_by_claim_and_era(root: Path) -> None:
    """An era without a record that was read has none."""
    registry = load_registry(root=root)
    assert [record.stance for record in registry.records_of("keras.recurrent", Era.Y2020)] == ["supports"]
    assert registry.records_of("keras.recurrent", Era.CURRENT) == ()


def test_further_claim_files_have_their_own_source(root: Path, tmp_path: Path) -> None:
    """Loaded beside the bundled ones."""
    mine = tmp_path / "mine.toml"
    mine.write_text('source = "mine"\n' + CLAIM.format(id="keras.mine", rule='"rnn.lstm"'))
    claims = load_registry([mine], root=root).claims
    assert {name: claim.source for name, claim in claims.items()} == {
        "keras.mine": "mine",
        "keras.recurrent": "article",
    }


def test_a_duplicate_across_claim_files_names_both(root: Path, tmp_path: Path) -> None:
    """So that one sees which to rename."""
    mine = tmp_path / "mine.toml"
    mine.write_text('source = "mine"\n' + CLAIM.format(id="keras.recurrent", rule='"rnn.lstm"'))
    with pytest.raises(RegistryError) as caught:
        load_registry([mine], root=root)
    assert caught.value.problems == (
        "mine.toml: keras.recurrent: duplicate id, already in claims.toml; rename or remove one",
    )


@pytest.mark.parametrize("text", ["", "# to be written\n", 'source = "mine"\n'])
def test_a_further_claim_file_without_claims_is_an_error(root: Path, tmp_path: Path, text: str) -> None:
    """Whoever names it means to have something checked."""
    mine = tmp_path / "mine.toml"
    mine.write_text(text)
    with pytest.raises(RegistryError) as caught:
        load_registry([mine], root=root)
    assert caught.value.problems == ("mine.toml: holds no claim; add [[claim]], or do not name the file",)


def test_an_unknown_subject_is_reported_beside_a_rule_that_cannot_be_read(root: Path, tmp_path: Path) -> None:
    """Not only once the rule is mended."""
    mine = tmp_path / "mine.toml"
    claim = CLAIM.format(id="keras.mine", rule="{ nonsense = 1 }").replace('"keras"', '"keros"')
    mine.write_text('source = "mine"\n' + claim)
    with pytest.raises(RegistryError) as caught:
        load_registry([mine], root=root)
    first, *others = caught.value.problems
    assert "nonsense" in first
    says = "mine.toml: keras.mine: subject 'keros' is unknown (did you mean keras?); correct it, "
    assert others == [says + "or add [[subject]] to environments.toml"]


def test_all_problems_are_reported_at_once(change: Change, problems: Problems) -> None:
    """From several files, and from several fields of one entry."""
    change("claims.toml", 'kind = "capability"', 'kind = "guess"')
    change("claims.toml", "revision = 1", "revision = 0")
    change("planned.toml", 'acceptance = "Another runtime gives the same outputs."\n', "")
    change("environments.toml", 'device = "cpu"\nera', 'device = "abacus"\nera')
    assert {problem.split(":")[0] for problem in problems()} == {"claims.toml", "planned.toml", "environments.toml"}
    assert len(problems()) >= 4


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("claims.toml", 'rule = "rnn.lstm"\n', "", "claims.toml: keras.recurrent: has no rule"),
        ("claims.toml", '"rnn.lstm"', '"rnn.lstn"', "unknown capability 'rnn.lstn' (did you mean rnn.lstm?)"),
        (
            "claims.toml",
            '"rnn.lstm"',
            '{ capability = "rnn.lstm", subject = "kera" }',
            "unknown subject 'kera' (did you mean keras?)",
        ),
        (
            "claims.toml",
            '"rnn.lstm"',
            '{ capability = "rnn.lstm", environment = "keras-gpu" }',
            "unknown environment 'keras-gpu'",
        ),
        (
            "claims.toml",
            '"rnn.lstm"',
            '{ lacks = { of = "rnn.lstm", case = "backward", subject = "keras", than = "keros" } }',
            "unknown subject 'keros' (did you mean keras?)",
        ),
        (
            "claims.toml",
            '"rnn.lstm"',
            '{ lacks = { of = "rnn.lstm", case = "forwards", subject = "keras", than = "pytorch" } }',
            "its rule looks at rnn.lstm, which has no case 'forwards'",
        ),
        (
            "claims.toml",
            '"rnn.lstm"',
            '{ al = ["rnn.lstm"] }',
            "claims.toml: keras.recurrent: rule: 'al' is not a form",
        ),
        ("claims.toml", 'subject = "keras"', 'subject = "cafe"', "subject 'cafe' is unknown"),
        (
            "claims.toml",
            'subject = "keras"',
            'subject = "overall"',
            "'rnn.lstm' of overall, which is nothing that runs",
        ),
        (
            "claims.toml",
            'kind = "capability"',
            'kind = "guess"',
            "kind 'guess' is unknown; write one of capability, comparison",
        ),
        ("claims.toml", "revision = 1", 'revision = 1\nlevel = "seen"', "level 'seen' is unknown"),
        ("claims.toml", "revision = 1", 'revision = 1\ndevice = "abacus"', "device 'abacus' is unknown"),
        ("claims.toml", "revision = 1", "revision = 1\nlevl = 2", "has no field 'levl'; did you mean level?"),
        ("claims.toml", 'source = "article"\n', "", "claims.toml: source is missing"),
        ("claims.toml", "[[claim]]", "[[claims]]", "claims.toml: has no field 'claims'; did you mean claim?"),
        ("claims.toml", 'paraphrase = "Keras has an LSTM."', 'paraphrase = " "', "paraphrase is empty"),
        ("capabilities.toml", 'status = "active"', 'status = "planned"', "rnn.lstm: is planned and has cases"),
        (
            "capabilities.toml",
            'profile = "full"',
            'profile = "weekly"',
            "rnn.lstm: peephole: profile 'weekly' is unknown",
        ),
        ("capabilities.toml", "required = true", "required = false", "has variants only"),
        ("capabilities.toml", '"peephole"', '"forward"', "rnn.lstm: forward: duplicate case"),
        ("capabilities.toml", "rtol = 1e-4", "rtol = -1", "rtol must be a number from 0 on, not -1"),
        ("planned.toml", 'status = "planned"', 'status = "active"', "export.onnx: is active and has no cases"),
        (
            "planned.toml",
            'acceptance = "Another runtime gives the same outputs."\n',
            "",
            "export.onnx: acceptance is missing",
        ),
        ("planned.toml", '"export.onnx"', '"rnn.lstm"', "rnn.lstm: duplicate id, already in capabilities.toml"),
        ("planned.toml", '"export.onnx"', '"keras.onnx"', "keras.onnx: area 'keras' is also a subject"),
        ("planned.toml", '"export.onnx"', '"Export"', 'id must be "area.name"'),
        ("records.toml", '"keras.recurrent"', '"keras.recurent"', "no such claim (did you mean keras.recurrent?)"),
        ("records.toml", 'era = "2020"', 'era = "2021"', "era '2021' is unknown; write one of 2020, current"),
        ("records.toml", 'date = "2020-06"', 'date = "June"', "date 'June' is no date"),
        ("records.toml", 'date = "2020-06"', 'date = "2020-13"', "date '2020-13' is no date"),
        ("records.toml", "https://example.org/guide", "the guide", "url 'the guide' is no web address"),
        ("records.toml", 'stance = "supports"', 'stance = "likes"', "stance 'likes' is unknown"),
        ("environments.toml", 'environment = "keras-cpu"', 'environment = "keras-tpu"', "'keras-tpu' is not declared"),
        (
            "environments.toml",
            '{ era = "current", device = "cpu", env',
            '{ era = "2020", device = "cpu", env',
            "is declared current on cpu, not 2020 on cpu",
        ),
        ("environments.toml", "core = true", "core = 1", "core is 1; write true or false"),
        ("environments.toml", 'keras = "3.15.1"', "keras = 3", "expect must be a table of texts"),
        ("findings.toml", '"rnn.lstm"', '"rnn.gru"', "findings.toml: lstm-peephole: capability 'rnn.gru' is unknown"),
        ("findings.toml", '["peephole"]', '["peepholes"]', "no case 'peepholes' (did you mean peephole?)"),
        ("findings.toml", '"peephole.py"', '"gone.py"', "program gone.py is missing; add it below fixtures/findings"),
        ("findings.toml", '"peephole .* unknown"', '"("', "message is no regular expression"),
        ("findings.toml", '">=3.12,<3.16"', '"new"', "versions 'new' is no version specifier"),
        ("findings.toml", 'exception = "ValueError"\n', "", "needs either an exception (with message) or a deviation"),
        ("findings.toml", 'outcome = "failed"', 'outcome = "crashed"', "a crash is known again by its message alone"),
    ],
)
def test_each_fault_is_said_in_words(
    change: Change, problems: Problems, file: str, old: str, new: str, says: str
) -> None:
    """File, id, what is wrong, what to do."""
    change(file, old, new)
    found = problems()
    assert any(says in problem and problem.startswith(f"{file}: ") for problem in found), found


def test_malformed_toml_names_the_line_and_hides_no_other_fault(change: Change, problems: Problems) -> None:
    """What the file would have held is not reported as missing besides."""
    change("capabilities.toml", 'status = "active"', "status = = active")
    change("planned.toml", 'title = "Export"\n', "")
    first, second = problems()
    assert first.startswith("capabilities.toml: malformed TOML")
    assert "line 5" in first
    assert second == "planned.toml: export.onnx: title is missing"


def test_a_missing_file_is_an_error_with_its_place(root: Path, problems: Problems) -> None:
    """Not an empty registry."""
    path = root / "registry" / "records.toml"
    path.unlink()
    (found,) = problems()
    assert "records.toml: the file cannot be read: No such file" in found
    assert str(path) in found


def test_a_file_in_another_encoding_is_an_error(root: Path, problems: Problems) -> None:
    """TOML is UTF-8."""
    (root / "registry" / "findings.toml").write_bytes("# caf\xe9\n".encode("latin-1"))
    assert problems()[0].startswith("findings.toml: not UTF-8 at byte 5")


def test_the_error_counts_its_problems(root: Path) -> None:
    """One problem a line after the count."""
    error = RegistryError(["a.toml: b: c", "d.toml: e: f"])
    assert str(error).splitlines() == ["the registry has 2 problems:", "a.toml: b: c", "d.toml: e: f"]


def test_a_date_of_toml_is_as_good_as_text(root: Path, change: Change) -> None:
    """TOML has dates of its own."""
    change("records.toml", 'read = "2026-11-22"', "read = 2026-11-22")
    (record,) = load_registry(root=root).records_of("keras.recurrent", Era.Y2020)
    assert record.read == "2026-11-22"


def test_one_environment_speaks_in_both_eras_only_where_the_release_is_one(root: Path, change: Change) -> None:
    """Of a project whose last release is older than both; what else is declared so is a fault, see above."""
    primary = '{ era = "current", device = "cpu", environment = "keras-cpu" }'
    then = '{ era = "2020", device = "cpu", environment = "keras-cpu" }'
    newest = '{ era = "current", distribution = "keras", version = "3.15.1", uploaded = "2026-07-29", '
    newest += 'checked = "2026-11-22" }'
    change("environments.toml", primary, f"{primary}, {then}")
    change("environments.toml", newest, f"{newest}, {newest.replace('current', '2020')}")
    registry = load_registry(root=root)
    assert registry.subjects["keras"].one_release(Era.Y2020, Era.CURRENT)
    assert registry.speaks_in("keras-cpu", Era.Y2020)
