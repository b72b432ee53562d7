# SPDX-License-Identifier: MIT
"""The target processes: everyday ones, and large ones of each kind."""
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpers.process import Process

LARGE = 60_000  # mappings: below the 65,530 that a process may have
MILLION = 1_000_000
RESIDENT = 3 << 30
LIBRARIES = 300
FILES = 64
THREADS = 200

# Everyday processes are not empty: each has some megabytes of its runtime's own kind of memory.
# A program of some size: the first 32 of the standard library's shared libraries.
PYTHON = """
import importlib.machinery, os, sysconfig
for name in sorted(os.listdir(sysconfig.get_path("platstdlib") + "/lib-dynload"))[:32]:
    try:
        importlib.import_module(name.split(".")[0])
    except ImportError:
        pass
ballast = [bytes([i]) * (1 << 20) for i in range(64)]
print("READY", flush=True)
input()
"""

NODE = """
const ballast = Array.from({length: 1000000}, (_, i) => ({name: 'item ' + i, next: [i]}));
console.log('READY');
process.stdin.on('data', () => console.log(ballast.length));
"""

JAVA_HEAP = ("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch")
JAVA = """
class Waits {
    public static void main(String[] args) throws Exception {
        for (int i = 0; i < 20; i++) {
            Thread thread = new Thread(() -> {
                try {
                    Thread.sleep(Long.MAX_VALUE);
                } catch (InterruptedException e) {
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
        System.out.println("READY");
        System.in.read();
    }
}
"""


class NotHere(Exception):
    """The target cannot be made on this machine; the message says why."""


def command(name):
    path = shutil.which(name)
    if path is None:
        raise NotHere("not installed")
    return path


def need_memory(size):
    with open("/proc/meminfo", encoding="ascii") as file:
        fields = dict(line.split(":") for line in file)
    if int(fields["MemAvailable"].split()[0]) << 10 < size:
        raise NotHere("not enough memory")


@contextlib.contextmanager
def max_map_count(count):
    """Allows `count` mappings while a process makes them: the kernel checks the limit only then."""
    path = Path("/proc/sys/vm/max_map_count")
    old = path.read_text(encoding="ascii")
    if int(old) >= count:
        yield
        return
    try:
        path.write_text(str(count), encoding="ascii")
    except OSError as error:
        raise NotHere("vm.max_map_count is too low") from error
    try:
        yield
    finally:
        path.write_text(old, encoding="ascii")


def settle(pid):
    """Waits until the map of a new process stays the same for a while."""
    path = Path(f"/proc/{pid}/maps")
    last = None
    for _ in range(100):
        now = path.read_bytes()
        if now == last:
            return
        last = now
        time.sleep(0.1)


LIBRARY_PATHS = ("lib/*-linux-*", "lib64", "lib")
LIBRARY_MAX = 2 << 20  # bytes; a few libraries have a hundred megabytes


def sort_of(path):
    """Class, byte order and machine of an ELF file; None for other files."""
    with open(path, "rb") as file:
        header = file.read(20)
    return (header[4:6], header[18:20]) if header[:4] == b"\177ELF" else None


def system_libraries(program, count):
    """Up to `count` different shared libraries of this machine, for the same machine type as the program."""
    found = {}
    for directory in LIBRARY_PATHS:
        for path in sorted(Path("/usr").glob(f"{directory}/lib*.so*")):
            if path.is_file() and path.stat().st_size <= LIBRARY_MAX and sort_of(path) == sort_of(program):
                found.setdefault(path.stat().st_ino, str(path))
    return list(found.values())[:count]


class Maker:
    """Makes targets. The command line of each begins with a unique word, `token`, that smem looks for."""

    def __init__(self, program, library):
        """`program` is the built target.c, `library` the built tiny.c."""
        self.program, self.library = program, library
        self.directory = tempfile.TemporaryDirectory(prefix="memmap-bench-")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

    def paths(self, count, source=None):
        """Makes `count` files: copies of `source`, or 64 KiB of zeroes each."""
        paths = [Path(self.directory.name) / f"{'copy' if source else 'page'}-{i}" for i in range(count)]
        for path in paths:
            if not path.exists() and source:
                shutil.copy(source, path)
            elif not path.exists():
                path.write_bytes(bytes(1 << 16))
        return [str(path) for path in paths]

    def start(self, name, token):
        """Starts the target `name`; raises NotHere."""
        process = MAKERS[name](self, token, ())
        settle(process.pid)
        return process

    def start_stalls(self, name, token):
        """Like start(), for a target of target.c, with the thread of stalls.h: its map never settles."""
        return MAKERS[name](self, token, ("stalls",))

    def make(self, token, before, *args):
        """Starts target.c; `before` goes before the mode."""
        return Process([token, *before, *map(str, args)], executable=self.program)


def sleep(_maker, token, _before):
    script = 'echo READY; exec -a "$0" sleep 86400'
    return Process([command("bash"), "-c", script, token])


def python(_maker, token, _before):
    return Process([token, "-c", PYTHON], executable=sys.executable)


def node(_maker, token, _before):
    return Process([token, "-e", NODE], executable=command("node"))


def java(maker, token, _before):
    program, compiler = command("java"), command("javac")
    source = Path(maker.directory.name) / "Waits.java"
    source.write_text(JAVA, encoding="ascii")
    subprocess.run([compiler, "-d", source.parent, source], check=True)
    return Process([token, *JAVA_HEAP, "-cp", str(source.parent), "Waits"], executable=program)


def resident(maker, token, before):
    need_memory(RESIDENT + (1 << 30))
    return maker.make(token, before, "resident", RESIDENT)


def million(maker, token, before):
    need_memory(2 << 30)
    with max_map_count(MILLION + 1000):
        return maker.make(token, before, "untouched", MILLION)


def threads(maker, token, before):
    return maker.make(token, before, "threads", THREADS)


def libraries(maker, token, before):
    """Maps the libraries of this machine and, if they are too few, copies of a small one."""
    paths = system_libraries(maker.program, LIBRARIES)
    return maker.make(token, before, "libraries", *paths, *maker.paths(LIBRARIES - len(paths), maker.library))


def untouched(maker, token, before):
    return maker.make(token, before, "untouched", LARGE)


def touched(maker, token, before):
    return maker.make(token, before, "touched", LARGE)


def files(maker, token, before):
    return maker.make(token, before, "files", LARGE, *maker.paths(1))


def mixed(maker, token, before):
    return maker.make(token, before, "mixed", LARGE, *maker.paths(FILES))


MAKERS = {
    "sleep": sleep,
    "python": python,
    "node": node,
    "java": java,
    "threads": threads,  # two hundred
    "libraries": libraries,  # three hundred
    "resident": resident,  # 3 GiB in small pages
    "untouched": untouched,  # 60,000 anonymous mappings
    "touched": touched,  # the same, every page in memory
    "files": files,  # 60,000 mappings of one file
    "mixed": mixed,  # 60,000 mappings of 64 files and of anonymous memory
    "million": million,  # a million untouched anonymous mappings
}
