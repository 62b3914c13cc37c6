"""The probe that asks a C compiler about headers: absent where it takes none, there where it takes one."""

from __future__ import annotations

import shutil

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._c_headers import CHeaders

IN_C = '#ifdef __cplusplus\nextern "C" {\n#endif\nint32_t toy_add(int32_t, int32_t);\n#ifdef __cplusplus\n}\n#endif\n'
#: As headers of a C ABI that only C++ takes.
IN_CPP = IN_C.replace("int32_t toy_add", "using Number = int32_t;\nint32_t toy_add")

with_a_compiler = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("cc", "gcc", "clang")), reason="no C compiler is on the path"
)


@pytest.fixture
def headers(tmp_path):
    """Writes headers, by name, and gives the probe of them."""

    def headers(**texts):
        for name, text in texts.items():
            (tmp_path / "toy").mkdir(exist_ok=True)
            (tmp_path / "toy" / f"{name}.h").write_text(text, encoding="utf-8")
        return CHeaders(root=tmp_path, patterns=("toy/*.h",), label="headers of toy")

    return headers


def test_without_headers_there_is_no_interface(headers):
    assert headers().run() == (True, "there are no headers of toy")


def test_headers_of_nothing_but_cpp_are_none(headers):
    """None speaks of C's linkage, and no compiler is asked."""
    absent, said = headers(one="class Toy {};", two="namespace toy {}").run()
    assert absent
    assert said == 'of 2 headers of toy, none has an extern "C"'


@with_a_compiler
def test_functions_with_cs_linkage_are_none_where_only_cpp_takes_their_header(headers):
    """In the compiler's words, without the folder of this machine."""
    absent, said = headers(one="class Toy {};", two=IN_CPP).run()
    assert absent
    assert said.startswith('of 2 headers of toy, 1 with an extern "C" and none that a C compiler takes: toy/two.h: ')
    assert " error: " in said
    assert "/toy/two.h" not in said


@with_a_compiler
def test_it_flips_where_a_c_compiler_takes_one(headers):
    assert headers(one=IN_CPP, two=IN_C).run() == (False, "a C compiler takes toy/two.h")


def test_without_a_compiler_nothing_is_said(headers, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no cc, gcc or clang on the path: install a C compiler"):
        headers(one=IN_C).run()
