"""Duels: two frameworks take turns at the same work on the same machine, and the ratio of their times has an interval.

Needs NumPy; the frameworks are in other interpreters.
"""

from __future__ import annotations

from fwconformance.duels._campaign import Campaign as Campaign
from fwconformance.duels._campaign import Rate as Rate
from fwconformance.duels._campaign import campaign_rows as campaign_rows
from fwconformance.duels._campaign import campaigns as campaigns
from fwconformance.duels._campaign import hold_campaign as hold_campaign
from fwconformance.duels._campaign import single_duels as single_duels
from fwconformance.duels._campaign_picture import render_campaigns as render_campaigns
from fwconformance.duels._fight import fight as fight
from fwconformance.duels._pictures import limit_rows as limit_rows
from fwconformance.duels._pictures import render_rounds as render_rounds
from fwconformance.duels._pictures import render_throughput as render_throughput
from fwconformance.duels._pictures import throughputs as throughputs
from fwconformance.duels._plan import Plan as Plan
from fwconformance.duels._plan import usable_processors as usable_processors
from fwconformance.duels._player import DuelError as DuelError
from fwconformance.duels._player import Player as Player
from fwconformance.duels._player import Refused as Refused
from fwconformance.duels._player import UnknownMode as UnknownMode
from fwconformance.duels._ratios import asked as asked
from fwconformance.duels._ratios import measured_ratios as measured_ratios
from fwconformance.duels._ratios import missing_works as missing_works
from fwconformance.duels._ratios import rows as rows
from fwconformance.duels._records import Block as Block
from fwconformance.duels._records import Contestant as Contestant
from fwconformance.duels._records import Duel as Duel
from fwconformance.duels._records import Limits as Limits
from fwconformance.duels._records import NoDuels as NoDuels
from fwconformance.duels._records import RecordError as RecordError
from fwconformance.duels._records import append as append
from fwconformance.duels._records import dumps as dumps
from fwconformance.duels._records import held_in as held_in
from fwconformance.duels._records import read as read
from fwconformance.duels._rounds import Watcher as Watcher
from fwconformance.duels._session import Bout as Bout
from fwconformance.duels._session import bouts as bouts
from fwconformance.duels._session import hold as hold
from fwconformance.duels._statistics import MARGIN as MARGIN
from fwconformance.duels._statistics import Interval as Interval
from fwconformance.duels._statistics import differs as differs
from fwconformance.duels._statistics import interval as interval
from fwconformance.duels._statistics import interval_of as interval_of
from fwconformance.duels._statistics import over_works as over_works
