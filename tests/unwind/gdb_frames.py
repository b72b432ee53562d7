# SPDX-License-Identifier: MIT
"""Run by gdb: prints each frame of the thread whose ID is in TID, as JSON: [pc, CFA, function, is inlined].

Only functions in calls.c are named, as functions of libraries have many names. Frames that a tail call has
replaced are only deduced by gdb, and are left out.
"""
import json
import os
import re

import gdb

for thread in gdb.selected_inferior().threads():
    if thread.ptid[1] == int(os.environ["TID"]):
        thread.switch()
frames = []
frame = gdb.newest_frame()
while frame is not None and frame.is_valid():
    if frame.type() != gdb.TAILCALL_FRAME:
        frame.select()
        cfa = re.search(r"frame at (0x[0-9a-f]+)", gdb.execute("info frame", to_string=True))
        source = frame.find_sal().symtab
        is_ours = source is not None and source.filename.endswith("/calls.c")
        frames.append([frame.pc(), int(cfa[1], 16), frame.name() if is_ours else None,
                       frame.type() == gdb.INLINE_FRAME])
    frame = frame.older()
print("FRAMES", json.dumps(frames))
