"""ecosystem.packaged-weights: weights that registry packages ship, asked about real photographs and sounds.

What an answer has to be is known without them: faces were marked by eye, tones have the pitch of which they are made,
a sentence is where its labels say.
"""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_weights


@pytest.mark.capability("ecosystem.packaged-weights", "faces")
def test_faces(framework, case):
    """The face of a portrait, mirrored too; none in a cat, a cup, a launch and galaxies."""
    check_weights(case, framework, "faces")


@pytest.mark.capability("ecosystem.packaged-weights", "expression")
def test_expression(framework, case):
    """Who smiles and who does not, mirrored and darker too."""
    check_weights(case, framework, "expression")


@pytest.mark.capability("ecosystem.packaged-weights", "speech")
def test_speech(framework, case):
    """A sentence between silences, under noise too; none in silence, noise and pure tones."""
    check_weights(case, framework, "speech")


@pytest.mark.capability("ecosystem.packaged-weights", "pitch")
def test_pitch(framework, case):
    """Tones from A2 to A5; none in noise."""
    check_weights(case, framework, "pitch")
