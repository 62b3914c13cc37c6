"""Builds pycaffe from its pinned source into a wheel of its own, and keeps it: Caffe was never uploaded as a package.

``python -m fwconformance.frameworks.caffe.building`` in the environment that shall have it. Standard library only.
"""

from __future__ import annotations

from fwconformance.frameworks.caffe.building._errors import BuildError as BuildError
from fwconformance.frameworks.caffe.building._errors import Missing as Missing
from fwconformance.frameworks.caffe.building._errors import PackagesMissing as PackagesMissing
from fwconformance.frameworks.caffe.building._errors import SourceMissing as SourceMissing
from fwconformance.frameworks.caffe.building._key import cache_key as cache_key
from fwconformance.frameworks.caffe.building._placeholder import placeholder as placeholder
from fwconformance.frameworks.caffe.building._source import check as check
from fwconformance.frameworks.caffe.building._wheel import NO_SOURCE as NO_SOURCE
from fwconformance.frameworks.caffe.building._wheel import built_wheel as built_wheel
from fwconformance.frameworks.caffe.building._wheel import source_archive as source_archive
