"""The journal of a run: append-only JSON lines, safe against crashes, and its reader."""

from __future__ import annotations

from fwconformance.shards._journal import Journal as Journal
from fwconformance.shards._journal import JournalError as JournalError
from fwconformance.shards._journal import open_journal as open_journal
from fwconformance.shards._journal import open_locked as open_locked
from fwconformance.shards._lines import SCHEMA as SCHEMA
from fwconformance.shards._lines import line_of as line_of
from fwconformance.shards._lines import observation_line as observation_line
from fwconformance.shards._lines import start_line as start_line
from fwconformance.shards._lock import HOLDER as HOLDER
from fwconformance.shards._reader import FindingRecord as FindingRecord
from fwconformance.shards._reader import ProofRecord as ProofRecord
from fwconformance.shards._reader import Shard as Shard
from fwconformance.shards._reader import ShardError as ShardError
from fwconformance.shards._reader import Start as Start
from fwconformance.shards._reader import read_shard as read_shard
from fwconformance.shards._text import free_text as free_text
from fwconformance.shards._text import printable as printable
