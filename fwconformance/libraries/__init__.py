"""Libraries that others built on a framework, each put to use in an environment of its own, with the framework's
release of today.

`fixtures/ecosystem/breadth.toml` says which, and by what criterion; `weights.toml` beside it lists those that ship
weights. ``python -m fwconformance.libraries`` installs
them, which needs the package index; to put one to use needs no network. Imports neither pytest nor a framework.
"""

from __future__ import annotations

from fwconformance.libraries._installing import Installed as Installed
from fwconformance.libraries._installing import State as State
from fwconformance.libraries._installing import Unreachable as Unreachable
from fwconformance.libraries._installing import install as install
from fwconformance.libraries._installing import installed as installed
from fwconformance.libraries._listed import Held as Held
from fwconformance.libraries._listed import Library as Library
from fwconformance.libraries._listed import Listed as Listed
from fwconformance.libraries._listed import listed as listed
from fwconformance.libraries._listed import packaged as packaged
from fwconformance.libraries._places import VARIABLE as VARIABLE
from fwconformance.libraries._places import folder_of as folder_of
from fwconformance.libraries._places import root as root
from fwconformance.libraries._using import Used as Used
from fwconformance.libraries._using import used as used
