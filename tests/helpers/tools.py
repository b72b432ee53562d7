# SPDX-License-Identifier: MIT
"""The commands that tests run: where they are, and which Debian packages provide them."""
import atexit
import functools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

# The packages of commands whose package has another name.
PACKAGES = {
    "c++": "g++", "go": "golang-go", "i686-linux-gnu-gcc": "gcc-i686-linux-gnu",
    "ld.gold": "binutils-gold", "ld.lld": "lld", "ld.mold": "mold",
    "gcore": "gdb", "musl-gcc": "musl-tools", "rsvg-convert": "librsvg2-bin", "promtool": "prometheus", "node": "nodejs", "xz": "xz-utils",
    **dict.fromkeys(["eu-strip", "eu-unstrip"], "elfutils"),
    **dict.fromkeys(["java", "javac"], "default-jdk-headless"),
    **dict.fromkeys(["ld.bfd", "nm", "objcopy", "readelf", "strip"], "binutils"),
    **dict.fromkeys(["qemu-aarch64", "qemu-arm", "qemu-ppc64"], "qemu-user"),
    **dict.fromkeys(["nsenter", "setarch", "setpriv", "unshare"], "util-linux"),
}
C_LIBRARIES = {"i686-linux-gnu-gcc": "libc6-dev-i386-cross", "musl-gcc": "musl-dev"}
# The loader of 32-bit programs, by the name that the ABI gives it.
LOADER_32 = "/lib/ld-linux.so.2"


def package_of(tool):
    return PACKAGES.get(tool) or re.sub(r"^(.*-linux-.*)-ld$", r"binutils-\1", tool)


def library_package_of(compiler):
    """The package that provides the static C library of a compiler."""
    return C_LIBRARIES.get(compiler, "libc6-dev")


@functools.cache
def multilib_compiler():
    """gcc -m32 as a command, if gcc-multilib is installed, which conflicts with gcc-i686-linux-gnu."""
    gcc = shutil.which("gcc")
    if not gcc or subprocess.run([gcc, "-m32", "-E", "-x", "c", "-include", "stdio.h", "/dev/null"], check=False,
                                 capture_output=True).returncode != 0:
        return None
    directory = tempfile.mkdtemp(prefix="memmap-test-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    Path(directory).chmod(0o755)
    script = Path(directory, "i686-linux-gnu-gcc")
    script.write_text(f'#!/bin/sh\nexec {gcc} -m32 "$@"\n')
    script.chmod(0o755)
    return str(script)


def find(tool):
    """The full path of a command, or None."""
    return shutil.which(tool) or (multilib_compiler() if tool == "i686-linux-gnu-gcc" else None)
