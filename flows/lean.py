"""What a run need not load."""

from __future__ import annotations

import sys


class _NoPandas:
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("left out by flows.lean", name=name)
        return


def leave_pandas_out() -> None:
    """Let pyarrow look for pandas now, and not find it.

    It looks once a process, at its first array, and pandas is then a quarter of a CPU second and 47 MB of every night
    (pyarrow 26, measured 2026-11-26). The house hands no frame to Arrow and asks for none. Whoever imports pandas
    after this gets it; a table's ``to_pandas`` does not work in this process. So flows call this; the warehouse, which
    analysts use in their own processes, does not.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    blind = _NoPandas()
    sys.meta_path.insert(0, blind)  # type: ignore[arg-type]
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(blind)  # type: ignore[arg-type]
