"""The registry: capabilities, claims, rules, records, environments, findings, typed; where suites and fixtures lie."""

from __future__ import annotations

from fwconformance.registry._check import check_tests as check_tests
from fwconformance.registry._load import load_registry as load_registry
from fwconformance.registry._model import Capability as Capability
from fwconformance.registry._model import Case as Case
from fwconformance.registry._model import Claim as Claim
from fwconformance.registry._model import Environment as Environment
from fwconformance.registry._model import Finding as Finding
from fwconformance.registry._model import Inapplicable as Inapplicable
from fwconformance.registry._model import Newest as Newest
from fwconformance.registry._model import Primary as Primary
from fwconformance.registry._model import Record as Record
from fwconformance.registry._model import Source as Source
from fwconformance.registry._model import Subject as Subject
from fwconformance.registry._model import Tolerance as Tolerance
from fwconformance.registry._read import RegistryError as RegistryError
from fwconformance.registry._registry import Registry as Registry
from fwconformance.registry._resources import content_hash as content_hash
from fwconformance.registry._resources import fixtures_dir as fixtures_dir
from fwconformance.registry._resources import suite_content as suite_content
from fwconformance.registry._resources import suites_dir as suites_dir
from fwconformance.registry._rule_parser import RuleError as RuleError
from fwconformance.registry._rule_parser import parse_rule as parse_rule
from fwconformance.registry._rules import DEFAULT_MODES as DEFAULT_MODES
from fwconformance.registry._rules import All as All
from fwconformance.registry._rules import Any_ as Any_
from fwconformance.registry._rules import AtLeast as AtLeast
from fwconformance.registry._rules import Atom as Atom
from fwconformance.registry._rules import Lacks as Lacks
from fwconformance.registry._rules import More as More
from fwconformance.registry._rules import None_ as None_
from fwconformance.registry._rules import Opinion as Opinion
from fwconformance.registry._rules import Ratio as Ratio
from fwconformance.registry._rules import RecordRule as RecordRule
from fwconformance.registry._rules import Rule as Rule
from fwconformance.registry._rules import rule_to_data as rule_to_data
from fwconformance.registry._rules import walk_rule as walk_rule
from fwconformance.registry._versions import same_release as same_release
from fwconformance.registry._versions import version_of as version_of
