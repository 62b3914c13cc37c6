"""Protobuf's text format: read, cut short, written again, and refused with the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.frameworks._prototxt import Message, PrototxtError, input_shape, layers, parse, until

TEXT = """
# A comment, with a { in it.
name: "two"
layer { name: 'a' type: "Input" top: "data" input_param: < shape { dim: 1 dim: 3 }; > }
layer { name: "b" bottom: "data" top: "b" convolution_param { pad: [1, 2], bias_term: false eps: -1e-5 } }
layer { name: "c" bottom: "b" top: "c" }
"""


def test_values_and_messages():
    """Quotes go, other scalars stay as they stand; lists stand for repeated fields; both brackets enclose a message."""
    network = parse(TEXT)
    first, second, _ = layers(network)
    assert (network.get("name"), first.get("name")) == ("two", "a")
    assert first.message("input_param").message("shape").all("dim") == ["1", "3"]
    settings = second.message("convolution_param")
    assert settings.all("pad") == ["1", "2"]
    assert settings.get("bias_term") == "false"
    assert settings.number("eps", 0) == -1e-5
    assert settings.number("stride", 1) == 1
    assert second.message("nothing").fields == []


def test_cut_short():
    """Layers behind the named one are gone, and what stands before stays."""
    cut = parse(str(until(parse(TEXT), "b")))
    assert [layer.get("name") for layer in layers(cut)] == ["a", "b"]
    assert cut.get("name") == "two"
    with pytest.raises(PrototxtError, match="no layer 'z'"):
        until(parse(TEXT), "z")


def test_the_older_format():
    """Its layers are called as the later one calls them; a type that is not known is refused."""
    (layer,) = layers(parse('layers { name: "a" type: INNER_PRODUCT }'))
    assert (layer.get("name"), layer.get("type")) == ("a", "InnerProduct")
    with pytest.raises(PrototxtError, match=r"layer 'b' of the older format has the type SPLIT.*upgrade_net_proto"):
        layers(parse('layers { name: "b" type: SPLIT }'))


@pytest.mark.parametrize(
    "text",
    [
        'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 9',
        'input: "data" input_shape { dim: [1, 3, 8, 9] }',
        'layer { type: "Input" top: "data" input_param { shape: { dim: 1 dim: 3 dim: 8 dim: 9 } } }',
    ],
)
def test_the_shape_of_the_input(text):
    """In each of the ways in which the zoo's definitions state it."""
    assert input_shape(parse(text)) == (1, 3, 8, 9)


def test_a_definition_for_training_has_none():
    with pytest.raises(PrototxtError, match=r"deploy\.prototxt"):
        input_shape(parse('layer { name: "a" type: "Data" }'))


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("name: }", "line 1: name has no value"),
        ("\nlayer {\nname: 'a'\n", "line 3: .* '}' is missing"),
        ("layer { > }", "is missing"),
        ("a: 1\n}", "line 2: '}' closes nothing"),
        ("a: 1\n~", "line 2: '~' is not in"),
        ("name", "line 1: name has no value"),
        ("3: 4", "line 1: '3' where the name"),
    ],
)
def test_a_broken_text_is_refused_with_its_line(text, saying):
    with pytest.raises(PrototxtError, match=saying):
        parse(text)


WORDS = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
SCALARS = st.one_of(st.integers().map(str), WORDS, WORDS.map(lambda word: f'"{word} {{#"'))
MESSAGES = st.recursive(
    st.lists(st.tuples(WORDS, SCALARS), max_size=4).map(Message),
    lambda inner: st.lists(st.tuples(WORDS, st.one_of(SCALARS, inner)), max_size=4).map(Message),
    max_leaves=12,
)


def plain(message):
    return [(name, plain(value) if isinstance(value, Message) else value) for name, value in message.fields]


@given(MESSAGES)
def test_what_is_written_is_read_back(message):
    assert plain(parse(str(message))) == plain(message)
