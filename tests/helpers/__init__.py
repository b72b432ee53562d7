# SPDX-License-Identifier: MIT
"""Code that tests share, and no tests. conftest.py has the functions that run memmap and that skip a test."""
