"""What is counted of a program, and what is not."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.suitekit._program_counts import count_program, names_of, prototxt_tokens, tokens_of

PROGRAM = '''"""What it does."""

import torch  # the framework
from tasks import report, wine
from torch import nn

# Data
(x, y), held_out = wine()

# Model and training
model = nn.Linear(13, 3)
for _ in range(2):
    loss = model(torch.from_numpy(x)).sum()
    loss.backward()

# Result
report(1)
'''


def names(text, roots=("torch",)):
    return names_of(ast.parse(textwrap.dedent(text)), roots)


def test_a_program_by_hand():
    """Counted with a finger."""
    found = count_program(PROGRAM, ("torch",))
    data = "( x , y ) , held_out = wine ( )"
    model = "model = nn . Linear ( 13 , 3 )"
    loop = "for _ in range ( 2 ) : loss = model ( torch . from_numpy ( x ) ) . sum ( ) loss . backward ( )"
    assert found.tokens == len(f"{data} {model} {loop} report ( 1 )".split())
    assert found.names == (".backward", ".sum", "torch.from_numpy", "torch.nn.Linear")
    assert (found.statements, found.model_statements) == (6, 4)


@pytest.mark.parametrize(
    "more",
    ["# a comment\n", "\n\n\n", "import os\n", "from torch import (\n    nn as other,\n)\n", "   \n"],
    ids=["a comment", "blank lines", "an import", "an import over lines", "blanks"],
)
def test_what_is_left_out_changes_no_count(more):
    """Comments, blank lines and imports, wherever they stand."""
    assert count_program(PROGRAM.replace("# Data\n", f"# Data\n{more}"), ("torch",)) == count_program(
        PROGRAM, ("torch",)
    )
    assert len(tokens_of(PROGRAM + more)) == len(tokens_of(PROGRAM))


@given(
    st.lists(
        st.text(
            st.characters(blacklist_characters="\n\r\x0c\x00", blacklist_categories=("Cs", "Zl", "Zp", "Cc")),
            max_size=20,
        )
    )
)
def test_no_comment_counts(comments):
    """Whatever it says."""
    lines = PROGRAM.splitlines()
    commented = "\n".join([*lines, *(f"# - {comment}" for comment in comments)]) + "\n"
    assert count_program(commented, ("torch",)) == count_program(PROGRAM, ("torch",))


def test_docstrings_do_not_count_and_other_texts_do():
    """Only a text that stands where a docstring does is one."""
    with_text = 'def f():\n    """Why."""\n    return 1\n'
    assert [token.string for token in tokens_of(with_text)] == ["def", "f", "(", ")", ":", "return", "1"]
    assert [token.string for token in tokens_of('x = """Why."""\n')] == ["x", "=", '"""Why."""']
    assert all(token.type != tokenize.COMMENT for token in tokens_of(PROGRAM))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import torch\ntorch.nn.Linear(1, 2)", {"torch.nn.Linear"}),
        ("import torch.nn as tnn\ntnn.Linear(1, 2)", {"torch.nn.Linear"}),
        ("from torch.nn import Linear as L\nL(1, 2); L(3, 4)", {"torch.nn.Linear"}),
        ("import torch\ntorch.ones(2).sum().item()", {"torch.ones", ".sum", ".item"}),
        ("import torch\nimport numpy as np\nnp.zeros(3).sum()", set()),
        ("from pathlib import Path\nPath('a').write_text('b')", set()),
        ("from tasks import wine\n(x, y), z = wine()\nx[:, None].astype('float32')", set()),
        (
            "import torch\nclass A(torch.nn.Module):\n def go(self):\n  self.layer = 1\n  self.go(); self.layer",
            {"torch.nn.Module"},
        ),
        ("import torch\nm = torch.nn.ReLU()\nm.rate = 1\nm.rate", {"torch.nn.ReLU"}),
        ("import torch\n[].append(1)", set()),
        ("import torch\nm = f(inplace=True)\nm.eval()", {".eval"}),
    ],
)
def test_names(text, found):
    """Qualified where an import says whose they are; the program's own, other libraries' and Python's are not."""
    assert names(text) == found


def test_a_framework_may_have_several_modules():
    """Keras with the backend that its loop needs."""
    text = "import keras\nimport jax\njax.jit(keras.Input)"
    assert names(text, ("keras", "jax")) == {"jax.jit", "keras.Input"}
    assert names(text, ("keras",)) == {"keras.Input"}


def test_a_prototxt_that_is_read_counts():
    """Its tokens without comments, a statement a field, and the layers it names."""
    prototxt = 'layer { # the first\n  type: "Convolution"\n  convolution_param { num_output: 16 }\n}\n'
    assert prototxt_tokens(prototxt) == [
        "layer", "{", "type", ":", '"Convolution"', "convolution_param", "{", "num_output", ":", "16", "}", "}",
    ]  # fmt: skip
    alone, beside = count_program(PROGRAM, ("caffe",)), count_program(PROGRAM, ("caffe",), prototxt=[prototxt])
    assert beside.tokens - alone.tokens == 12
    assert set(beside.names) - set(alone.names) == {"caffe.layers.Convolution"}
    assert beside.statements - alone.statements == 2


@pytest.mark.parametrize("line", ["# Model and training", "# Result"])
def test_a_program_that_is_not_divided_is_refused(line):
    """What trains could not be told from the rest."""
    with pytest.raises(ValueError, match="has the line"):
        count_program(PROGRAM.replace(line, "#"), ("torch",))


def test_the_tokens_are_pythons_own():
    """Nothing is split or joined by us."""
    of_python = {token.string for token in tokenize.generate_tokens(io.StringIO(PROGRAM).readline)}
    assert {token.string for token in tokens_of(PROGRAM)} <= of_python
