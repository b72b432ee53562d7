# SPDX-License-Identifier: MIT
"""A Python program that prints where its threads' stacks are, in the format of report.h."""
import ctypes
import sys
import threading

libc = ctypes.CDLL(None)
libc.pthread_self.restype = ctypes.c_void_p
all_told = threading.Barrier(9)
one_at_a_time = threading.Lock()


def tell(what):
    attr = (ctypes.c_char * 128)()
    start, size, guard = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_size_t()
    control = libc.pthread_self()
    assert libc.pthread_getattr_np(ctypes.c_void_p(control), attr) == 0
    libc.pthread_attr_getstack(attr, ctypes.byref(start), ctypes.byref(size))
    libc.pthread_attr_getguardsize(attr, ctypes.byref(guard))
    with one_at_a_time:
        # Python cannot take the address of a local C variable: the control block stands in for LOCAL.
        print("stack", threading.get_native_id(), hex(start.value), hex(start.value + size.value),
              guard.value, hex(control), hex(control), what)


def run():
    tell("python")
    all_told.wait()
    threading.Event().wait()


for _ in range(8):
    threading.Thread(target=run, daemon=True).start()
all_told.wait()
print("READY", flush=True)
sys.stdin.read()
