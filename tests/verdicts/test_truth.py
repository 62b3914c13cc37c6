"""The truth tables: exhaustive, and against the one principle behind them."""

from __future__ import annotations

import itertools

import pytest

from fwconformance.verdicts._truth import Truth, all_of, at_least, more_than, none_of

T, F, M, U, S = Truth.TRUE, Truth.FALSE, Truth.MIXED, Truth.UNKNOWN, Truth.STRADDLES
KNOWN = (T, F, M)
EVERY = (T, F, M, U, S)


def completions(parts):
    """Every way of filling in the unknown parts."""
    return itertools.product(*(KNOWN if part in (U, S) else (part,) for part in parts))


def settled(parts, decide):
    """The value that all completions agree on; unknown where they do not."""
    values = {decide(filled) for filled in completions(parts)}
    if len(values) == 1:
        return values.pop()
    return U if U in parts else S


def plain_all(parts):
    if set(parts) == {T}:
        return T
    return F if set(parts) == {F} else M


def plain_at_least(n, parts):
    if parts.count(T) >= n:
        return T
    return F if parts.count(T) + parts.count(M) < n else M


def plain_more(subject, others):
    least, most = subject.count(T), subject.count(T) + subject.count(M)
    if all(least > other.count(T) + other.count(M) for other in others):
        return T
    return F if any(most <= other.count(T) for other in others) else M


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_all_is_known_exactly_when_every_completion_agrees(size):
    """True of true parts alone, false of false parts alone, else mixed; an unknown hides only what it could change."""
    for parts in itertools.product(EVERY, repeat=size):
        assert all_of(parts) is settled(parts, plain_all), parts


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_at_least_is_known_exactly_when_every_completion_agrees(size):
    """For every n; `any` is n = 1."""
    for parts in itertools.product(EVERY, repeat=size):
        for n in range(1, size + 1):
            wanted = settled(parts, lambda filled, n=n: plain_at_least(n, filled))
            assert at_least(n, parts) is wanted, (n, parts)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_none_is_known_exactly_when_every_completion_agrees(size):
    """A part that fails without being absent is unknown to it."""
    kinds = [(T, False), (F, True), (F, False), (M, False), (U, False), (S, False)]
    for parts in itertools.product(kinds, repeat=size):
        seen = [U if part == (F, False) else part[0] for part in parts]

        def plain(filled):
            if T in filled:
                return F
            return M if M in filled else T

        assert none_of(parts) is settled(seen, plain), parts


@pytest.mark.parametrize("parts", list(itertools.product([T, F, M], repeat=2)))
def test_none_is_true_of_what_is_unsupported_only(parts):
    """Without a proof of absence nothing makes it true."""
    assert none_of([(part, False) for part in parts]) is not T


def test_more_is_known_exactly_when_every_completion_agrees():
    """Over two capabilities and two other subjects, every combination."""
    for cells in itertools.product((T, F, M, U), repeat=4):
        subject, other = cells[:2], cells[2:]

        def decide(filled):
            return plain_more(filled[:2], [filled[2:]])

        wanted = settled(cells, decide)
        assert more_than(subject, [other]) is wanted, cells


@pytest.mark.parametrize(
    ("others", "wanted"),
    [([[F, F], [T, F]], T), ([[F, F], [T, T]], F), ([[F, F], [T, M]], M), ([[F, F], [T, U]], U), ([[T, T], [U, U]], F)],
)
def test_more_must_hold_against_each_other_subject(others, wanted):
    """One that does as much is enough to refute it, whatever is unknown of the rest."""
    assert more_than([T, T], others) is wanted


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [([S], S), ([S, S], S), ([S, U], U), ([S, T], S), ([S, F], S), ([S, M], M), ([S, T, F], M)],
)
def test_all_straddles_only_where_nothing_else_is_in_the_way(parts, wanted):
    """Inconclusive means that the interval, and only that, does not decide."""
    assert all_of(parts) is wanted


@pytest.mark.parametrize("combine", [all_of, none_of, lambda parts: at_least(1, parts)])
def test_nothing_follows_from_no_parts(combine):
    """An empty rule would be true of anything."""
    with pytest.raises(ValueError, match="decides nothing"):
        combine([])


@pytest.mark.parametrize("n", [0, 3])
def test_a_threshold_outside_the_parts_is_refused(n):
    """At least none of them, and more than there are, decide nothing."""
    with pytest.raises(ValueError, match="decides nothing"):
        at_least(n, [T, F])
