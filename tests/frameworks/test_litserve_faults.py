"""The faults planted in LitServe, on a stand-in for it: the tests run where it is not installed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import types

import pytest

from fwconformance.frameworks import Sabotage
from fwconformance.frameworks._litserve_faults import IN_LITSERVE, faults

BY_NAME = {fault.name: fault for fault in IN_LITSERVE}


class LitAPI:
    max_batch_size = 4

    def unbatch(self, output):
        return list(output)


class LitLoop:
    def put_error_response(self, *arguments):
        return "an answer of 500"


def collate_requests(loop, lit_api, queue):
    return queue[: lit_api.max_batch_size]


@pytest.fixture
def litserve(monkeypatch):
    base = types.SimpleNamespace(collate_requests=collate_requests, LitLoop=LitLoop)
    module = types.SimpleNamespace(LitAPI=LitAPI, loops=types.SimpleNamespace(base=base))
    monkeypatch.setitem(sys.modules, "litserve", module)
    return module


def surface(litserve):
    return LitAPI.unbatch, litserve.loops.base.collate_requests, LitLoop.put_error_response


@pytest.mark.parametrize("fault", IN_LITSERVE, ids=lambda fault: fault.name)
def test_it_plants_a_fault_and_takes_it_away(litserve, fault):
    before = surface(litserve)
    with fault.apply():
        assert surface(litserve) != before
    assert surface(litserve) == before


@pytest.mark.parametrize("fault", IN_LITSERVE, ids=lambda fault: fault.name)
def test_nothing_is_imported_to_plant_it(monkeypatch, fault):
    monkeypatch.delitem(sys.modules, "litserve", raising=False)
    with fault.apply():
        assert "litserve" not in sys.modules


def test_answers_are_swapped(litserve):
    with BY_NAME["serving-swaps-answers"].apply():
        assert LitAPI().unbatch("ab") == ["b", "a"]


def test_requests_are_taken_one_by_one(litserve):
    api = LitAPI()
    with BY_NAME["serving-batches-nothing"].apply():
        assert litserve.loops.base.collate_requests(None, api, [1, 2, 3]) == [1]
    assert api.max_batch_size == 4


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups on this system")
def test_the_whole_group_dies():
    code = (
        "import sys, types\n"
        "class LitLoop:\n    def put_error_response(self): pass\n"
        "base = types.SimpleNamespace(LitLoop=LitLoop)\n"
        "sys.modules['litserve'] = types.SimpleNamespace(loops=types.SimpleNamespace(base=base))\n"
        "from fwconformance.frameworks._litserve_faults import IN_LITSERVE\n"
        "with IN_LITSERVE[-1].apply():\n    LitLoop().put_error_response()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], start_new_session=True, check=False)
    assert done.returncode == -signal.SIGKILL


def test_those_of_the_served_format_are_there_under_names_of_serving():
    def fault(name, form, case):
        return Sabotage(name=name, kills=f"export.{form}", case=case, apply=list, description="...")

    exports = [
        fault("onnx-drops-a-bias", "onnx", "convolutional"),
        fault("pt2-drops-a-bias", "pt2", "convolutional"),
        fault("pt2-bakes-in-the-batch", "pt2", "dynamic-batch"),
        fault("pt2-rounds", "pt2", "quantized"),
    ]
    ours = [each for each in faults(exports, "pt2") if each not in IN_LITSERVE]
    assert [each.name for each in ours] == ["serving-drops-a-bias", "serving-bakes-in-the-batch"]
    assert {(each.kills, each.case) for each in ours} == {("export.serving", "answers")}


def test_every_case_has_one():
    assert {each.case for each in IN_LITSERVE} == {"concurrent", "bad-request"}
    assert {each.kills for each in IN_LITSERVE} == {"export.serving"}
