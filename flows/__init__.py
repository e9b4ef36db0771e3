"""Collecting and publishing: order and policy, the clock, the environment, the command line."""

import os

# Asked by libraries once a process, when they are loaded; who has set them otherwise is obeyed (2026-11-26).
# pyarrow's wheel comes with mimalloc, which keeps what was freed for whoever asks next: 50 MB of a night's peak and of
# a back-fill's, and no CPU seconds won.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
# NumPy's OpenBLAS starts a thread a core, 0.05 CPU s a process, for linear algebra that nobody here does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
