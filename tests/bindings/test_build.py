"""From a project to a program: built once, kept, and what is said where it cannot be."""

from __future__ import annotations

import subprocess
import sys
import threading

import attrs
import pytest

from fwconformance.bindings import BuildFailed, _build, _kept, build
from fwconformance.frameworks import Unavailable


def printed(built):
    return subprocess.run([*built.command, "version"], capture_output=True, text=True, check=True).stdout


def test_the_first_time_it_is_built_with_progress(make):
    said = []
    built = make(said=said)
    assert built.seconds > 0
    assert said[0] == "c/toy: building with cc, libtoy"
    assert said[1].startswith("c/toy: built in ")
    assert printed(built) == "1.2.3\n"


def test_the_second_time_it_is_kept(make):
    first, said = make(), []
    second = make(said=said)
    assert (second.command, second.seconds, said) == (first.command, 0.0, [])


def test_another_source_is_another_program(make):
    first = make()
    assert make("int main(void) { return 0; }").command != first.command


def test_other_settings_are_another_program(make):
    assert make(settings={"optimise": "-O1"}).command != make(settings={"optimise": "-O2"}).command


def test_another_version_of_the_framework_is_another_program(make):
    assert make(version="1.2.4").command != make().command


def test_the_log_holds_each_command_and_what_it_printed(make):
    built = make('#warning "said in passing"\nint main(void) { return 0; }')
    log = built.log.read_text(encoding="utf-8")
    assert log.startswith("$ ")
    assert "said in passing" in log


def test_a_missing_tool_is_unavailable_and_names_what_to_install(make, compiler, monkeypatch):
    without = attrs.evolve(compiler, needs=((("no-such-compiler", "nor-this"), "a compiler from somewhere"),))
    monkeypatch.setattr(_build, "TOOLS", {"cc": without})
    with pytest.raises(Unavailable, match="no no-such-compiler or nor-this on the path: install a compiler from some"):
        make()


def test_a_missing_program_that_it_runs_with_is_unavailable_too(make):
    with pytest.raises(Unavailable, match="no no-such-browser or nor-this on the path: install a browser"):
        make(needs={"no-such-browser|nor-this": "a browser"})


def test_a_compile_error_says_what_the_compiler_said_first_and_keeps_the_log(make, cache):
    with pytest.raises(BuildFailed) as failed:
        make("int main(void) { return undeclared_thing; }\nint other(void) { return second_thing; }")
    message = str(failed.value)
    assert message.startswith("c/toy: ")
    assert "undeclared_thing" in message.partition("its log is")[0]
    (log,) = (cache / "bindings").glob("*.failed.log")
    assert str(log) in message
    assert "second_thing" in log.read_text(encoding="utf-8")


def test_a_failed_build_is_tried_again(make):
    with pytest.raises(BuildFailed):
        make("not C")
    assert make().seconds > 0


def test_what_its_binding_refuses_is_not_tried_again_before_something_changes(make):
    """A library of templates takes minutes to say so."""
    said, text = [], "int main(void) { return gone_from_the_library; }"
    messages = set()
    for _ in range(2):
        with pytest.raises(BuildFailed) as failed:
            make(text, said=said, refusal="gone_from_the_library")
        messages.add(str(failed.value))
    assert (len(said), len(messages)) == (1, 1)
    with pytest.raises(BuildFailed):
        make(text, said=said, refusal="gone_from_the_library", version="1.2.4")
    assert len(said) == 2


def test_what_a_killed_build_left_is_built_again(make):
    first = make()
    (first.log.parent / _build._WHOLE).unlink()
    (first.log.parent / "build" / "program").write_bytes(b"half a program")
    again = make()
    assert again.seconds > 0
    assert printed(again) == "1.2.3\n"


def test_a_build_that_does_not_end_is_ended(make, compiler, monkeypatch):
    steps = ((sys.executable, "-c", "import time; time.sleep(60)"),)
    slow = attrs.evolve(compiler, steps=lambda *_: steps)
    monkeypatch.setattr(_build, "TOOLS", {"cc": slow})
    with pytest.raises(BuildFailed, match=r"was not done after 0\.5 s"):
        make(limit=0.5)


def test_two_at_a_time_build_once(make, project):
    make_once = make().log.parent
    said, built = [], []

    def go():
        built.append(build(project(version="2"), make.fixtures, say=said.append))

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.command for one in built}) == 1
    assert [one.seconds > 0 for one in built].count(True) == 1
    assert len(said) == 2
    assert make_once.is_dir()


def test_a_registry_that_is_not_reached_is_unavailable(make, compiler, monkeypatch):
    """Never a failure of the framework or of the program. This process does not wait for it again."""
    tries = []
    steps = ((sys.executable, "-c", "print('lookup of the registry: no such host'); raise SystemExit(1)"),)
    offline = attrs.evolve(compiler, steps=lambda *_: tries.append(1) or steps, offline="no such host")
    monkeypatch.setattr(_build, "TOOLS", {"cc": offline})
    for _ in range(2):
        with pytest.raises(Unavailable, match="cc did not get libtoy: lookup of the registry: no such"):
            make()
    assert len(tries) == 1


def test_what_does_not_fit_together_here_is_unavailable_in_the_tools_words(make, compiler, monkeypatch):
    """Whatever the binding has: it was not tried."""
    said = "print('error: before', 'It embeds Python 3.11', 'error: after', sep=chr(10)); raise SystemExit(1)"
    steps = ((sys.executable, "-c", said),)
    unfit = attrs.evolve(compiler, steps=lambda *_: steps)
    monkeypatch.setattr(_build, "TOOLS", {"cc": unfit})
    with pytest.raises(Unavailable, match=r"^c/toy: It embeds Python 3\.11$"):
        make(unmet="It embeds Python")
    with pytest.raises(BuildFailed, match=r"error: before"):
        make(unmet="It embeds Ruby")


def test_a_step_is_named_by_its_program_and_not_by_the_variables_before_it(make, compiler, monkeypatch):
    steps = (("env", "HERE=1", sys.executable, "-c", "print('error: so'); raise SystemExit(3)"),)
    monkeypatch.setattr(_build, "TOOLS", {"cc": attrs.evolve(compiler, steps=lambda *_: steps)})
    with pytest.raises(BuildFailed, match=r"^c/toy: python\S* failed \(exit code 3\): error: so"):
        make()


def test_a_tool_that_takes_no_options_is_told_by_variables(make, compiler, monkeypatch):
    steps = ((sys.executable, "-c", "import os; raise SystemExit(os.environ['WHERE'] != '/opt/x')"),)
    told = attrs.evolve(compiler, steps=lambda *_: steps, variables=lambda project, *_: project.settings)
    monkeypatch.setattr(_build, "TOOLS", {"cc": told})
    assert make(settings={"WHERE": "/opt/x"}).seconds > 0


def test_a_missing_source_is_said_to_be_missing(make, project, tmp_path):
    make()
    with pytest.raises(FileNotFoundError, match="fixtures/bindings/c/other is missing: reinstall"):
        build(project(folder="c/other"), make.fixtures)


def test_a_cache_that_cannot_be_written_is_unavailable(make, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FWCONFORMANCE_CACHE", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="point FWCONFORMANCE_CACHE to a writable folder"):
        make()


def test_the_key_depends_on_the_names_of_files_too(project, tmp_path):
    """Not on where they lie."""
    keys = []
    for folder, name in (("a", "main.c"), ("b", "main.c"), ("c", "other.c")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("text")
        keys.append(_kept.key(project(), {"c/toy": tmp_path / folder}, {"cc": "1"}))
    assert keys[0] == keys[1] != keys[2]


def test_the_key_depends_on_the_tools_versions(project, tmp_path):
    (tmp_path / "main.c").write_text("text")
    first, second = (_kept.key(project(), {"c/toy": tmp_path}, {"cc": version}) for version in ("12", "13"))
    assert first != second
