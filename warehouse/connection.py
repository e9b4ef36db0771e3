"""The one way DuckDB is opened in this house: the same zone, no extensions from outside, a known memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

#: Two years of a municipality's versions build well inside this; it keeps a small machine alive. Decided 2026-11-23.
MEMORY_LIMIT = "2GB"

#: The small machines this runs on have two cores, and the build does not scale beyond. Decided 2026-11-23.
THREADS = 2

#: Bytes. A picture has some fifty small tables; with DuckDB's 256 kB blocks each takes at least one (measured:
#: 14 MB against 2 MB a file). Decided 2026-11-23.
BLOCK_SIZE = 16384


def connect(
    database: Path | str = ":memory:",
    read_only: bool = False,
    *,
    memory_limit: str = MEMORY_LIMIT,
    threads: int = THREADS,
) -> duckdb.DuckDBPyConnection:
    """Open ``database`` with the house's settings.

    UTC whatever the host's zone is, no extension fetched or loaded by itself, nothing drawn on stdout. Raises
    duckdb.IOException where the file is missing (``read_only``), damaged, or held by another process.
    """
    import duckdb  # 40 MB and 45 ms: a night that only adds to the lake asks DuckDB nothing

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "default_block_size": str(BLOCK_SIZE),
    }
    con = duckdb.connect(str(database), read_only=read_only, config=config)
    con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    return con
