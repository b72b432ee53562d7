# SPDX-License-Identifier: MIT
"""Run by gdb: prints the frames of every thread of a core file, as JSON: {TID: [[pc, CFA, is inlined], ...]}.

Frames that gdb only deduces, since a tail call has replaced them, are left out.
"""
import json
import re

import gdb

threads = {}
for thread in gdb.selected_inferior().threads():
    thread.switch()
    frames = threads[thread.ptid[1] or thread.ptid[0]] = []
    frame = gdb.newest_frame()
    while frame is not None and frame.is_valid():
        if frame.type() != gdb.TAILCALL_FRAME:
            frame.select()
            cfa = re.search(r"frame at (0x[0-9a-f]+)", gdb.execute("info frame", to_string=True))
            frames.append([frame.pc(), int(cfa[1], 16), frame.type() == gdb.INLINE_FRAME])
        frame = frame.older()
print("FRAMES", json.dumps(threads))
