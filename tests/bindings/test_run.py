"""One rung of a program: what it is given, what it answers, and each way of going wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest

from fwconformance.bindings import ProgramFailed, ProgramLate, run, version

WELL = r"""
#include <stdio.h>

int main(int count, char** arguments) {
  char path[4096];
  snprintf(path, sizeof path, "%s/output.json", arguments[2]);
  FILE* file = fopen(path, "w");
  fputs("{\"tensors\": {}}", file);
  fclose(file);
  return 0;
}
"""

GIVEN = {"a": np.array([[1.1, 2.2]], dtype=np.float32), "scalar": np.float64(0.1)}


def test_its_version_is_what_it_prints(make):
    assert version(make()) == "1.2.3"


def test_what_its_library_logs_while_it_is_loaded_is_no_version(make):
    logs = '#include <stdio.h>\nint main(void) { fputs("oneDNN is on\\n\\n", stderr); puts("2.21.0 "); return 0; }'
    assert version(make(logs)) == "2.21.0"


def test_a_version_that_is_not_printed_is_empty(make):
    assert version(make("int main(void) { return 0; }")) == ""


def test_its_answer_is_read(make, tmp_path):
    answer = run(make(), "arithmetic", tmp_path, tensors=GIVEN)
    assert answer.tensors["sum"].tolist() == [[1.5, -2.0]]
    assert answer.tensors["sum"].dtype == np.float64
    assert answer.files == {"weights": "w.txt"}
    assert answer.errors == {}
    assert 0 < answer.seconds < 30


def test_what_a_binding_lacks_is_told_in_its_own_words(make, tmp_path):
    """And in none where it lacks nothing."""
    assert run(make(WELL), "arithmetic", tmp_path, tensors=GIVEN).unsupported == ""
    refusing = WELL.replace('fputs("{', r'fputs("{\"unsupported\": \"no gradient of Tanh\", ', 1)
    assert run(make(refusing), "gradients", tmp_path, tensors=GIVEN).unsupported == "no gradient of Tanh"


def test_its_input_holds_every_digit(make, tmp_path):
    run(make(), "arithmetic", tmp_path, tensors=GIVEN, numbers={"rate": 0.1}, files={"model": "m.bin"})
    given = json.loads((tmp_path / "input.json").read_text(encoding="utf-8"))
    assert given["tensors"]["a"]["shape"] == [1, 2]
    assert np.array(given["tensors"]["a"]["data"], dtype=np.float32).tolist() == GIVEN["a"].ravel().tolist()
    assert given["tensors"]["scalar"] == {"shape": [], "data": [0.1]}
    assert given["numbers"] == {"rate": 0.1}
    assert given["files"] == {"model": "m.bin"}


def test_a_number_that_is_none_is_not_written(make, tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        run(make(), "arithmetic", tmp_path, tensors={"a": np.array([np.nan])})


def test_a_program_that_dies_says_by_which_signal_and_what_it_printed(make, tmp_path):
    built = make(
        '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { puts("last words"); fflush(stdout); abort(); }'
    )
    with pytest.raises(ProgramFailed, match=r"c/toy arithmetic: the process died .SIGABRT.*last words"):
        run(built, "arithmetic", tmp_path, tensors=GIVEN)


def test_a_program_that_ends_with_an_error_says_which(make, tmp_path):
    built = make('#include <stdio.h>\nint main(void) { puts("no such rung"); return 2; }')
    with pytest.raises(ProgramFailed, match="ended with exit code 2; it printed: no such rung"):
        run(built, "arithmetic", tmp_path, tensors=GIVEN)


def test_colours_are_left_out_of_what_a_program_printed(make, tmp_path):
    built = make('#include <stdio.h>\nint main(void) { puts("\\033[1;31mit went wrong\\033[m"); return 2; }')
    with pytest.raises(ProgramFailed, match=r"it printed: it went wrong$"):
        run(built, "arithmetic", tmp_path, tensors=GIVEN)


def test_a_program_that_does_not_end_is_ended(make, tmp_path):
    built = make("#include <unistd.h>\nint main(void) { sleep(60); return 0; }")
    with pytest.raises(ProgramLate, match="no end after"):
        run(built, "arithmetic", tmp_path, tensors=GIVEN, limit=0.5)


def test_a_program_that_writes_nothing_has_no_answer(make, tmp_path):
    """Not even that of the run before."""
    (tmp_path / "output.json").write_text('{"tensors": {}}', encoding="utf-8")
    with pytest.raises(ProgramFailed, match=r"wrote no output\.json"):
        run(make("int main(void) { return 0; }"), "arithmetic", tmp_path, tensors=GIVEN)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        '{"tensors": {"sum": {"shape": [3], "data": [1, 2]}}}',
        '{"tensors": {"sum": [1, 2]}}',
        '{"errors": {"shape": {"type": "E"}}}',
    ],
)
def test_an_answer_that_is_none_is_told(make, tmp_path, written):
    text = json.dumps(written)
    built = make(
        '#include <stdio.h>\nint main(int n, char** a) { char p[4096]; snprintf(p, sizeof p, "%s/output.json", a[2]);'
        f'FILE* f = fopen(p, "w"); fputs({text}, f); fclose(f); return 0; }}'
    )
    with pytest.raises(ProgramFailed, match=r"output\.json cannot be read"):
        run(built, "arithmetic", tmp_path, tensors=GIVEN)
