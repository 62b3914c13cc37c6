"""What is done to the process of a library's program before it runs: nothing, but where a fault is planted."""

from __future__ import annotations


class Use:
    """`prelude`: Python that runs first; "" but where a fault is planted."""

    prelude = ""
