"""Finding the suites and nothing else, and refusing what contradicts itself."""

from __future__ import annotations

import pytest

HOSTILE_INI = """
[pytest]
testpaths = tests
python_files = check_*.py
python_functions = check_*
python_classes = Check*
usefixtures = nowhere
filterwarnings = error
norecursedirs = suites elsewhere
addopts = tests/test_own.py --doctest-modules --import-mode=prepend -k "not zzz"
"""


def test_runs_the_suites_and_not_the_project(plain):
    """With --framework the tests of the project around are neither collected nor imported."""
    plain.file("test_own.py", "raise RuntimeError('the project was imported')")
    plain.file("tests/test_more.py", "def test_more():\n    assert False\n")
    done = plain.conformance()
    assert (done.code, done.outcomes) == (0, {"plain.one:works": "passed"})


def test_foreign_conftest_is_not_loaded(plain):
    """No conftest of the project is loaded, wherever it stands."""
    for name in ("conftest.py", "tests/conftest.py", "../conftest.py", "../elsewhere/conftest.py"):
        plain.file(name, "raise RuntimeError('a foreign conftest was loaded')")
    done = plain.conformance()
    assert (done.code, done.outcomes) == (0, {"plain.one:works": "passed"})


def test_hostile_ini_changes_nothing(plain):
    """The ini of the project does not say what a suite test is, nor which fixtures it takes."""
    plain.file("pytest.ini", HOSTILE_INI)
    plain.file("tests/test_own.py", "raise RuntimeError('the project was imported')")
    plain.file("tests/conftest.py", "raise RuntimeError('a foreign conftest was loaded')")
    done = plain.conformance()
    assert (done.code, done.outcomes) == (0, {"plain.one:works": "passed"}), done.output


def test_one_suite_file_by_its_place_below_suites(project):
    """`suites/...` names files and tests of the suites, wherever they lie."""
    case = '@mark("two.all", "{0}")\ndef test_{0}(case):\n    case.level("hardware")\n'
    project.suites(
        {"two.all": ["first", "second"]},
        {"area/test_first.py": case.format("first"), "area/test_second.py": case.format("second")},
    )
    done = project.conformance("suites/area/test_second.py::test_second")
    assert done.outcomes == {"two.all:second": "passed"}


def test_other_path_is_refused(plain):
    """A path outside the suites is a usage error that says what --framework runs."""
    plain.file("test_own.py", "def test_own():\n    pass\n")
    done = plain.conformance("test_own.py")
    assert done.code == 4
    assert "runs the bundled suites only" in done.output


def test_missing_suite_file_is_refused(plain):
    """A path below suites/ that is not there is a usage error."""
    done = plain.conformance("suites/test_nothing.py")
    assert done.code == 4
    assert "no such test file" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--framework=nonsense"], "known are: pytorch (or torch)"),
        (["--framework=keras", "--framework=torch"], "one process"),
        (["--framework=keras,mxnet"], "one process"),
        (["--framework=reference", "--fw-backend=jax"], "no backend to choose"),
        (["--framework=reference", "--fw-device=abacus"], "cpu, cuda, mps, xpu, tpu, xla, auto"),
        (["--framework=reference", "--fw-profile=huge"], "smoke, standard, full"),
        (["--framework=reference", "--fw-only=plain.two"], "no capability 'plain.two'; there are: plain.one"),
        (["--framework=reference", "--fw-only=plain.one:flies"], "it has: works"),
        (["--framework=reference", "--fw-resume"], "--fw-shard"),
        (["--framework=reference", "--fw-seed=red"], "a whole number is wanted"),
        (["--framework=reference", "--fw-label=Gr\udcf6e"], "--fw-label: 'Gr\\udcf6e' holds bytes that are no UTF-8"),
        (["--framework=reference", "--fw-label=a\x1bb"], "--fw-label: 'a\\x1bb' holds the control character '\\x1b'"),
        (["--framework=reference", "--fw-attempt=0"], "from 1 to"),
        (["--framework=reference", "--fw-mutant=nonsense"], "`fwconformance proofs --framework reference` names them"),
        (["--framework=reference", "--fw-mutant=lstm-ignores-gate"], "did you mean lstm-ignores-forget-gate"),
        (
            ["--framework=reference", "--fw-sabotage=nonsense"],
            "no sabotage at all; its faults are mutants: --fw-mutant",
        ),
        (["--framework=reference", "--fw-require=plain.two"], "no capability 'plain.two'"),
        (["--framework=reference", "--fw-require=plain.one:golden"], "no evidence level 'golden'"),
        (["--framework=reference", "--fw-shard=j.jsonl", "--collect-only"], "nothing runs"),
        (["--framework=reference", "--fw-shard=/dev/null/j.jsonl"], "cannot be written"),
    ],
)
def test_contradiction_is_a_usage_error(plain, arguments, said):
    """Options that cannot be met are exit code 4, with what to do, before anything runs."""
    done = plain.pytest(*arguments)
    assert (done.code, said in done.output) == (4, True), done.output
    assert "Traceback" not in done.output


def test_framework_that_is_not_installed_says_what_to_install(plain):
    """A framework that is not importable here is a usage error with package and tox environment."""
    plain.file("../nomxnet.py", "import sys\nsys.modules['mxnet'] = None\n")
    done = plain.pytest("-p", "nomxnet", "--framework=mxnet")
    assert done.code == 4
    assert "pip install" in done.output
    assert "tox -e mxnet-cpu" in done.output


def test_second_framework_in_the_process_is_refused(plain):
    """Where another plugin has imported a framework already, ours is not started beside it."""
    plain.file("../drags.py", "import sys, types\nsys.modules['torch'] = types.ModuleType('torch')\n")
    plain.file("../mxnet/__init__.py", "")
    done = plain.pytest("-p", "drags", "--framework=mxnet")
    assert done.code == 4
    assert "torch is already imported" in done.output


def test_nothing_selected_is_exit_five(plain):
    """No test collected stays pytest's exit code 5, and the last line says that nothing was verified."""
    done = plain.conformance("-k", "zzz")
    assert (done.code, done.last_line) == (5, "NOTHING VERIFIED: no case ran")


def test_cuda_without_a_card_is_told_at_once(plain):
    """Without a card every case is unavailable, no suite is imported, and the run succeeds."""
    (plain.folder / "elsewhere" / "suites" / "test_plain.py").write_text("raise RuntimeError('a suite was imported')")
    done = plain.conformance("--fw-device=cuda", CUDA_VISIBLE_DEVICES="")
    assert (done.code, done.outcomes) == (0, {"plain.one:works": "unavailable"})
    assert done.last_line == "NOTHING VERIFIED: no CUDA device"


def test_without_numpy_every_case_says_so(plain):
    """Where NumPy is missing no suite is imported; each case is unavailable with that reason."""
    plain.file("../nonumpy.py", "import sys\nsys.modules['numpy'] = None\n")
    done = plain.conformance("-p", "nonumpy")
    assert done.observation("plain.one:works").message == "numpy not installed"
    assert done.last_line == "NOTHING VERIFIED: numpy not installed"


@pytest.mark.parametrize("name", ["xdist", "benchmark", "cacheprovider"])
def test_works_without_other_plugins(plain, name):
    """Left out: xdist, pytest-benchmark, the cache."""
    done = plain.conformance("-p", f"no:{name}")
    assert done.outcomes == {"plain.one:works": "passed"}, done.output


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('@mark("plain.two", "works")\ndef test_it():\n    pass\n', "unknown capability 'plain.two'"),
        ('@mark("plain.one", "flies")\ndef test_it():\n    pass\n', "has no case 'flies'; it has: works"),
        ('@mark("plain.one")\ndef test_it():\n    pass\n', "write @pytest.mark.capability"),
        ("def test_it():\n    pass\n", "carries no capability marks"),
        (
            "\n".join(f'@mark("plain.one", "works")\ndef test_{name}():\n    pass' for name in ("it", "two")),
            "has two tests",
        ),
    ],
)
def test_wrong_mark_is_an_error_of_collection(project, source, said):
    """A mark that the registry does not know stops the run, and says what there is."""
    project.suites({"plain.one": ["works"]}, {"test_wrong.py": source})
    done = project.conformance()
    assert done.code in (2, 4)
    assert said in " ".join(done.output.split())


def test_profile_leaves_larger_cases_out(project):
    """A case of a larger profile is not run."""
    project.suites(
        {"sized.all": ["small@smoke", "large@full"]},
        {
            "test_sized.py": """
            @mark("sized.all", "small")
            def test_small(case):
                case.level("hardware")

            @mark("sized.all", "large")
            def test_large(case):
                case.level("hardware")
            """
        },
    )
    assert project.conformance("--fw-profile=smoke").outcomes == {"sized.all:small": "passed"}


def test_absent_option_changes_nothing(project):
    """Installed but unused, the plugin neither collects nor prints anything of its own."""
    project.file(
        "conftest.py",
        "import sys\n\ndef pytest_unconfigure():\n"
        "    print('loaded', sorted(m for m in sys.modules if m.startswith('fwconformance')))\n",
    )
    project.file("test_own.py", "def test_own():\n    pass\n")
    done = project.pytest("-s", bring=False)
    assert done.code == 0
    assert "loaded ['fwconformance', 'fwconformance.pytest_plugin']" in done.output


def test_another_owner_of_the_option_is_left_alone(project):
    """Where another plugin defines --framework, pytest still starts."""
    project.file("../owner.py", "def pytest_addoption(parser):\n    parser.addoption('--framework')\n")
    project.file(
        "test_own.py", "def test_own(pytestconfig):\n    assert pytestconfig.getoption('--framework') == 'mine'\n"
    )
    script = (
        "import sys, pytest, owner; from fwconformance import pytest_plugin; "
        "sys.exit(pytest.main(['-p', 'no:fwconformance', '--framework=mine'], plugins=[owner, pytest_plugin]))"
    )
    done = project.python("-c", script)
    assert done.code == 0, done.output
