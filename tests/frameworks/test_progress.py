"""How watched workers say how far they are."""

from __future__ import annotations

import os
import threading

from fwconformance.frameworks._progress import await_go, report


def test_a_step_is_a_file_that_holds_the_process_id(tmp_path):
    report(str(tmp_path), 3, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["step-3-1"]
    assert int((tmp_path / "step-3-1").read_text()) == os.getpid()


def test_it_waits_until_the_file_is_there(tmp_path):
    waiting = threading.Thread(target=await_go, args=(str(tmp_path),), daemon=True)
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    (tmp_path / "go").touch()
    waiting.join(5)
    assert not waiting.is_alive()
