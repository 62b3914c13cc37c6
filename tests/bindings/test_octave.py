"""What programs in Octave share, run by Octave: what crosses, and the probe for what Octave's language has not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from fwconformance.bindings import TOOLS
from fwconformance.bindings._exchange import read_output, write_input
from fwconformance.registry import fixtures_dir

FIXTURES = fixtures_dir() / "bindings" / "octave"
# As the tool calls it, up to what is a program's own.
COMMAND = TOOLS["octave"].command(FIXTURES)[:6]


def _octave():
    if shutil.which("octave-cli") is None:
        return None
    said = subprocess.run(["octave-cli", "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout
    return int(re.search(r"\d+", said).group()) >= 7


pytestmark = pytest.mark.skipif(not _octave(), reason="GNU Octave 7 or newer is not installed here")

MAIN = """
addpath('{shared}');
function arithmetic(input, output)
  a = input.tensor('a');
  output.tensor('same', a, fliplr(size(a)));
  output.tensor('one', input.number('n-one'), []);
  output.tensor('two', [1, 2], 2);
  output.tensor('first', a(1), 1);
  output.file('model', input.file('model-file'));
  output.error('thrown', @() error('toy:kind', 'no such size as %d', 7));
  output.error('nothing', @() disp('well'));
end
function ask(input, output)
  output.tensor('answer', toy.asked(), []);
end
function own(input, output)
  error('no such method or property ''mine''');
end
packages = fileparts(fileparts(which('toy.asked')));
exchange.run_program(@() '1.2.3', struct('arithmetic', @arithmetic, 'ask', @ask, 'own', @own), packages);
"""
# What a package asks of Octave: nothing that it has not, what it has not, and what is simply wrong.
ASKED = {
    "has": "answer = 42;",
    "lacks": "answer = toy.Thing.empty();",
    "wrong": "answer = [1, 2] + [1, 2, 3];",
}
THING = "classdef Thing < handle\nend\n"


@pytest.fixture
def call(tmp_path):
    """Calls a program at a rung, its package asking for something: (exit status, what it printed)."""
    (tmp_path / "main.m").write_text(MAIN.replace("{shared}", str(FIXTURES / "shared")), encoding="utf-8")
    package = tmp_path / "packages" / "+toy"
    package.mkdir(parents=True)
    (package / "Thing.m").write_text(THING, encoding="utf-8")

    def call(*words, asked="has"):
        text = f"function answer = asked()\n  {ASKED[asked]}\nend\n"
        (package / "asked.m").write_text(text, encoding="utf-8")
        program = ["--path", str(package.parent), str(tmp_path / "main.m"), *words]
        done = subprocess.run(
            [*COMMAND, *program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return done.returncode, done.stdout

    return call


def test_the_version_is_the_last_that_is_printed(call):
    """Also where the user's home has no place for Octave's history, of which it complains when it ends."""
    assert call("version") == (0, "1.2.3\n")


def test_what_crosses_comes_back_as_it_was(call, tmp_path):
    given = np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 3
    write_input(tmp_path, {"a": given}, {"n-one": 1.25}, {"model-file": "m.txt"})
    assert call("arithmetic", str(tmp_path)) == (0, "well\n")
    answer = read_output(tmp_path, 0.0, "")
    assert np.array_equal(answer.tensors["same"], given.astype(np.float64))
    assert answer.tensors["one"].shape == ()
    assert answer.tensors["one"] == 1.25
    assert answer.tensors["two"].tolist() == [1, 2]
    assert answer.tensors["first"].tolist() == [0]
    assert answer.files == {"model": str(tmp_path / "m.txt")}
    assert answer.errors == {"thrown": {"type": "toy:kind", "message": "no such size as 7"}}
    assert answer.unsupported == ""


def test_what_octave_has_not_is_said_in_its_words(call, tmp_path):
    """Without the machine's paths."""
    write_input(tmp_path, {}, {}, {})
    status, _ = call("ask", str(tmp_path), asked="lacks")
    document = json.loads((tmp_path / "output.json").read_text(encoding="utf-8"))
    if status == 0 and document["tensors"]:
        pytest.skip("this Octave has what the test takes it not to have")
    assert re.fullmatch(
        r"Octave [\d.]+ says in \+toy/asked\.m, line 2: .*no such method or property.*empty.*", document["unsupported"]
    )


def test_what_octave_has_is_an_answer(call, tmp_path):
    write_input(tmp_path, {}, {}, {})
    assert call("ask", str(tmp_path))[0] == 0
    answer = read_output(tmp_path, 0.0, "")
    assert (answer.tensors["answer"], answer.unsupported) == (42, "")


@pytest.mark.parametrize(("rung", "asked"), [("ask", "wrong"), ("own", "has")])
def test_any_other_error_and_one_of_the_program_s_own_ends_it(call, tmp_path, rung, asked):
    write_input(tmp_path, {}, {}, {})
    status, said = call(rung, str(tmp_path), asked=asked)
    assert (status, "error: " in said) == (1, True)
    assert not (tmp_path / "output.json").exists()


def test_another_source_is_not_changed(tmp_path):
    """The changes fit one source, each exactly once."""
    for name, text in (("Layer", "self.params = {}"), ("Net", ""), ("Solver", "")):
        (tmp_path / f"{name}.m").write_text(text, encoding="utf-8")
    change = f"addpath('{FIXTURES / 'caffe'}'); cells_for_objects('{tmp_path}')"
    done = subprocess.run([*COMMAND, "--eval", change], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "not exactly one caffe.Blob.empty()" in done.stderr
    assert (tmp_path / "Layer.m").read_text(encoding="utf-8") == "self.params = {}"
