# SPDX-License-Identifier: MIT
"""Metrics of processes follow the rules of OpenMetrics, are true and few, and suit the programs that read them."""
import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

from conftest import memmap, need, wait_until
from helpers.programs import python, start, unique

NAME = unique("om")[:15]
SAMPLE = re.compile(r'^(\w+)(?:\{(\w+)="((?:[^"\\\n]|\\["\\n])*)"(?:,kind="(\w+)")?\})? (\d+)$')


def metrics(*args):
    """The text, and each sample by its name, label and kind."""
    run = memmap("--openmetrics", *args, text=True)
    assert run.returncode in (0, 3), run.stderr
    return run.stdout, parse(run.stdout)


def parse(text):
    assert text.endswith("\n# EOF\n") and text.count("# EOF") == 1
    samples, family = {}, None
    described = []
    for line in text.splitlines()[:-1]:
        if line.startswith("# "):
            word, name = line.split(" ")[1:3]
            described.append((word, name))
            family = name
            assert word != "TYPE" or line.endswith(" gauge")
            assert word != "UNIT" or name.endswith("_" + line.split(" ")[3])
            continue
        name, _, value, kind, number = SAMPLE.match(line).groups()
        assert name == family
        key = (name, value and re.sub(r"\\(.)", r"\1", value), kind)
        assert key not in samples
        samples[key] = int(number)
    assert len(described) == len(set(described))
    return samples


def test_groups_by_command():
    with start("set_comm.c", NAME) as first, start("set_comm.c", NAME):
        text, samples = metrics("--all")
        one = next(process for process in json.loads(memmap("-a", "-J").stdout)["processes"]
                   if process["pid"] == first.pid)
    assert samples["memmap_processes", NAME, None] == 2
    assert samples["memmap_size_bytes", NAME, "text"] == 2 * one["text"]
    assert samples["memmap_rss_bytes", NAME, None] >= samples["memmap_pss_bytes", NAME, None] > 0
    assert "pid" not in text


def test_one_target():
    with start("set_comm.c", NAME) as process:
        for target in (process.pid, NAME):
            samples = metrics(target)[1]
            assert {label for _, label, _ in samples} == {NAME, None}
            assert samples["memmap_processes", NAME, None] == 1


def test_target_that_is_not_there(tmp_path):
    assert memmap("--openmetrics", "4194304").returncode == 1
    old = tmp_path / "old"
    old.write_text("old")
    assert memmap("--openmetrics", "4194304", "--output-file", old).returncode == 1
    assert old.read_text() == "old" and list(tmp_path.iterdir()) == [old]
    text = tmp_path / "maps"
    text.write_text("10000-11000 r--p 00000000 00:00 0\n")
    for file in (sys.executable, text):
        run = memmap("--openmetrics", file, text=True)
        assert run.returncode == 1 and "not a process" in run.stderr


@pytest.mark.parametrize("name", ['a"b\\c', "new\nline", "\x1b[31m", "\udcff", "é"])
def test_hostile_names(name):
    with start("set_comm.c", os.fsencode(name)) as process:
        run = memmap("--openmetrics", process.pid)
        text = run.stdout.decode()
    assert not set(run.stdout) & (set(range(32)) - {10})
    assert len({label for _, label, _ in parse(text)}) == 2


MANY = """
import signal
reader, writer = os.pipe()
for i in range(250):
    if os.fork() == 0:
        libc.prctl(15, b"other" if i == 7 else b"PREFIX%d" % i, 0, 0, 0)
        os.write(writer, b"x")
        signal.pause()
    os.read(reader, 1)
"""


def test_at_most_two_hundred_groups():
    """The rest are counted as "other", and so is a process that really has this name."""
    with python(MANY.replace("PREFIX", NAME[:11])):
        samples = metrics("--all")[1]
    processes = {label: number for (name, label, _), number in samples.items() if name == "memmap_processes"}
    assert len(processes) == 200
    assert sum(processes.values()) >= 250 and processes["other"] > 50


@pytest.mark.parametrize("args", [["-s"], ["-J"], ["-o", "PSS"], ["--sort", "PSS"], ["-x"]])
def test_what_does_not_go_with_it(args):
    run = memmap("--all", "--openmetrics", *args, text=True)
    assert (run.returncode, run.stdout) == (2, "") and "--openmetrics" in run.stderr


def test_promtool():
    promtool = need("promtool")
    done = subprocess.run([promtool, "check", "metrics"], input=metrics("--all")[0], check=False, text=True,
                          capture_output=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@contextlib.contextmanager
def server(*argv):
    """A server on loopback, at a port that it chooses and reports."""
    with subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        try:
            for line in process.stderr:
                found = re.search(r"listening on.*address=\S*?:(\d+)", line, re.IGNORECASE)
                if found:
                    yield f"127.0.0.1:{found[1]}"
                    break
            else:
                pytest.fail(f"{argv[0]} does not listen")
        finally:
            process.kill()


def get(address, path):
    with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
        return answer.read().decode()


def is_ready(address):
    try:
        return get(address, "/-/ready") != ""
    except urllib.error.HTTPError:
        return False


@contextlib.contextmanager
def exporter(directory):
    with server(need("prometheus-node-exporter"), "--web.listen-address=127.0.0.1:0", "--collector.disable-defaults",
                "--collector.textfile", f"--collector.textfile.directory={directory}") as address:
        yield address


def test_node_exporter(tmp_path):
    with start("set_comm.c", NAME), exporter(tmp_path) as address:
        assert memmap("-a", "--openmetrics", "--output-file", tmp_path / "memmap.prom").returncode in (0, 3)
        text = get(address, "/metrics")
    assert f'memmap_processes{{command="{NAME}"}} 1' in text
    assert re.search(rf'^memmap_size_bytes{{command="{NAME}",kind="text"}} ', text, re.MULTILINE)
    assert "node_textfile_scrape_error 0" in text


def test_prometheus(tmp_path):
    """Prometheus scrapes what node_exporter reads, and answers a query."""
    prometheus = need("prometheus")
    with start("set_comm.c", NAME), exporter(tmp_path) as address:
        assert memmap("-a", "--openmetrics", "--output-file", tmp_path / "memmap.prom").returncode in (0, 3)
        config = tmp_path / "prometheus.yml"
        config.write_text("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: x\n  static_configs:\n"
                          f"  - targets: ['{address}']\n")
        with server(prometheus, f"--config.file={config}", f"--storage.tsdb.path={tmp_path}/data",
                    "--web.listen-address=127.0.0.1:0") as engine:
            query = "/api/v1/query?query=" + urllib.parse.quote(f'memmap_pss_bytes{{command="{NAME}"}}')
            wait_until(lambda: is_ready(engine), "Prometheus")
            wait_until(lambda: json.loads(get(engine, query))["data"]["result"], "a sample")
            result, = json.loads(get(engine, query))["data"]["result"]
    assert int(float(result["value"][1])) > 0
