# SPDX-License-Identifier: MIT
"""Debian's run-time systems: the code that they generate is named as theirs, and is no warning and no error."""
import subprocess

from conftest import Process, need
from helpers.findings import findings
from helpers.programs import environment_of_go, public_dir

READY_JAVA = """public class Ready {
    static long sum(int i) { return i % 7; }
    public static void main(String[] args) throws Exception {
        long sum = 0;
        for (int i = 0; i < 30000000; i++) sum += sum(i);
        System.out.println(sum + "\\nREADY");
        System.in.read();
    }
}"""
READY_JS = """let sum = 0;
function add(i) { return i % 7; }
for (let i = 0; i < 3e7; i++) sum += add(i);
process.stdin.resume();
console.log(sum + "\\nREADY");"""
READY_PYTHON = """import ctypes, sys
callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda i: i + 1)
print("READY", flush=True)
sys.stdin.read()"""
READY_GO = """package main
import ("fmt"; "os")
func main() { fmt.Println("READY"); os.Stdin.Read(make([]byte, 1)) }"""


def accusations(process):
    """Errors, and warnings except about a program at a fixed address: Debian builds python3 so, and others node."""
    return [finding for finding in findings(process.pid)
            if finding["severity"] != "note" and finding["code"] != "no-pie"]


def makers(process):
    """The base names of the programs and libraries that have generated writable code."""
    return {finding["name"].split("/")[-1].split(".so")[0] for finding in findings(process.pid)
            if finding["code"] == "jit-memory"}


def test_java(tmp_path):
    java = need("java")
    source = tmp_path / "Ready.java"
    source.write_text(READY_JAVA)
    with Process([java, source]) as process:
        assert accusations(process) == [] and makers(process) == {"libjvm"}


def test_node():
    with Process([need("node"), "-e", READY_JS]) as process:
        assert accusations(process) == []
        assert makers(process) <= {"node", "libnode"}


def test_python():
    with Process(["/usr/bin/python3", "-c", READY_PYTHON]) as process:
        assert accusations(process) == []
        assert makers(process) <= {"libffi"}


def test_go():
    go = need("go")
    source, program = public_dir() / "ready.go", public_dir() / "ready-go"
    source.write_text(READY_GO)
    subprocess.run([go, "build", "-o", program, source], check=True, env=environment_of_go())
    with Process([program]) as process:
        assert accusations(process) == [] and makers(process) == set()


def test_pcre2():
    """Compiled patterns call no library; the library that keeps track of them is named."""
    code = ("import ctypes, sys\n"
            "p = ctypes.CDLL('libpcre2-8.so.0')\n"
            "p.pcre2_compile_8.restype = ctypes.c_void_p\n"
            "error, at = ctypes.c_int(), ctypes.c_size_t()\n"
            "c = p.pcre2_compile_8(b'a+b', ctypes.c_size_t(3), 0, ctypes.byref(error), ctypes.byref(at), None)\n"
            "assert p.pcre2_jit_compile_8(ctypes.c_void_p(c), 1) == 0\n"
            "print('READY', flush=True)\nsys.stdin.read()")
    with Process(["/usr/bin/python3", "-c", code]) as process:
        assert accusations(process) == [] and "libpcre2-8" in makers(process)
