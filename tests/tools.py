# SPDX-License-Identifier: MIT
"""The commands that tests run: where they are, and which packages of Debian bring them."""
import re
import shutil

# Of commands that are not called like their packages.
PACKAGES = {
    "c++": "g++", "go": "golang-go", "i686-linux-gnu-gcc": "gcc-i686-linux-gnu",
    "ld.gold": "binutils-gold", "ld.lld": "lld", "ld.mold": "mold",
    "musl-gcc": "musl-tools", "node": "nodejs",
    **dict.fromkeys(["eu-strip", "eu-unstrip"], "elfutils"),
    **dict.fromkeys(["java", "javac"], "default-jdk-headless"),
    **dict.fromkeys(["ld.bfd", "nm", "objcopy", "readelf", "strip"], "binutils"),
    **dict.fromkeys(["nsenter", "setarch", "setpriv", "unshare"], "util-linux"),
}
C_LIBRARIES = {"i686-linux-gnu-gcc": "libc6-dev-i386-cross", "musl-gcc": "musl-dev"}
# The loader of 32-bit programs, by the name that the ABI gives it.
LOADER_32 = "/lib/ld-linux.so.2"


def package_of(tool):
    return PACKAGES.get(tool) or re.sub(r"^(.*-linux-.*)-ld$", r"binutils-\1", tool)


def library_package_of(compiler):
    """Which package brings the static C library of a compiler."""
    return C_LIBRARIES.get(compiler, "libc6-dev")


def find(tool):
    """The full path of a command, or None."""
    return shutil.which(tool)
