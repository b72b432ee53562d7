# SPDX-License-Identifier: MIT
"""What tests share. No test of its own is here; conftest.py has how memmap is run, and how a test is skipped."""
