#!/usr/bin/env python3
"""bash, zsh and fish complete pmcstat's options and their values. Usage: completions.py ROOT PMCSTAT.

Each shell is asked as it asks its own: bash by the variables that its line editor sets, zsh at a terminal, fish by
`complete -C`."""

import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
import option_names

ROOT, PMCSTAT = Path(sys.argv[1]), sys.argv[2]
FOLDER = ROOT / "cli/completions"
ENVIRONMENT = {**os.environ, "PATH": f"{Path(PMCSTAT).parent}:{os.environ['PATH']}", "LC_ALL": "C"}
TIMEOUT = 60


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, env=ENVIRONMENT)


def bash(line):
    """What bash offers at the end of the line, as the whole word that would stand there."""
    words = re.findall(r"[:=]|[^\s:=]+", line)
    if line[-1] in " :=":
        words.append("")
    script = f"""
        shopt -s progcomp
        compopt() {{ :; }} # there is no line editor
        source {shlex.quote(str(FOLDER / "pmcstat.bash"))}
        COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)} COMP_CWORD={len(words) - 1}
        COMP_WORDS=({" ".join(shlex.quote(word) for word in words)})
        _pmcstat pmcstat
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    kept = re.match(r"(.*[:=])?", line.split(" ")[-1]).group(0)
    return {kept + word for word in run("bash", "-c", script).stdout.split("\n") if word}


def fish(line):
    script = f"source {FOLDER}/pmcstat.fish; complete -C {shlex.quote(line)}"
    return {row.split("\t")[0] for row in run("fish", "--no-config", "-c", script).stdout.splitlines()}


class Zsh:
    """A zsh at a terminal, whose compadd writes down what it is given."""

    def __init__(self, folder):
        self.hits = Path(folder) / "hits"
        self.done = Path(folder) / "done"
        (Path(folder) / ".zshrc").write_text(f"""
            fpath=({FOLDER} $fpath)
            autoload -Uz compinit && compinit -u -D
            zstyle ':completion:*' verbose no
            compadd() {{
                local -a found
                if [[ ${{@[1,(i)(-|--)]}} != *-[OAD]* ]]; then
                    builtin compadd -A found "$@"
                    print -rl -- $IPREFIX$^found >>{self.hits}
                fi
                builtin compadd "$@"
            }}
            finish() {{ BUFFER=; : >{self.done} }}
            zle -N finish
            bindkey '^X' finish
            bindkey '^I' complete-word
            : >{self.done}
        """)
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe("zsh", ["zsh", "-i"], {**ENVIRONMENT, "ZDOTDIR": str(folder), "TERM": "dumb", "PS1": ""})
        self.wait()

    def wait(self):
        until = time.monotonic() + TIMEOUT
        os.set_blocking(self.terminal, False)
        while not self.done.exists():
            if time.monotonic() > until:
                raise TimeoutError("zsh does not answer")
            try:
                os.read(self.terminal, 65536)
            except BlockingIOError:
                time.sleep(0.01)
        self.done.unlink()

    def __call__(self, line):
        self.hits.unlink(missing_ok=True)
        os.write(self.terminal, (line + "\t\x18").encode())
        self.wait()
        return set(self.hits.read_text("utf-8").split("\n")) - {""} if self.hits.exists() else set()

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


class Completions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.zsh = Zsh(cls.folder.name)
        cls.shells = {"bash": bash, "zsh": cls.zsh, "fish": fish}

    @classmethod
    def tearDownClass(cls):
        cls.zsh.close()
        cls.folder.cleanup()

    def for_each_shell(self, check):
        for name, complete in self.shells.items():
            with self.subTest(shell=name):
                check(complete)

    def test_the_scripts_have_no_mistake_of_syntax(self):
        for shell, script in (("bash", "pmcstat.bash"), ("zsh", "_pmcstat"), ("fish", "pmcstat.fish")):
            done = run(shell, "-n", FOLDER / script)
            self.assertEqual((done.returncode, done.stderr), (0, ""), script)

    def test_every_option_is_offered_and_no_other(self):
        def check(complete):
            offered = {word for word in complete("pmcstat -") | complete("pmcstat --") if word.startswith("-")}
            self.assertEqual(offered, option_names.of_help(PMCSTAT))

        self.for_each_shell(check)

    def test_a_subcommand_has_its_own(self):
        def check(complete):
            for name in ("list", "compare", "gate", "doctor"):
                line = f"pmcstat {name} -"
                offered = {word for word in complete(line) | complete(line + "-") if word.startswith("-")}
                self.assertEqual(offered, option_names.of_help(PMCSTAT, name), name)
                self.assertIn(name, complete(f"pmcstat {name[:-1]}"))

        self.for_each_shell(check)

    def test_list_completes_what_it_lists(self):
        def check(complete):
            self.assertIn("page_fault_rate", complete("pmcstat list page_f"))
            self.assertIn("cpus", complete("pmcstat list cp"))
            self.assertIn("zen4", complete("pmcstat list --cpu ze"))
            self.assertEqual(complete("pmcstat list --format "), {"text", "json"})

        self.for_each_shell(check)

    def test_compare_completes_commands_or_files(self):
        with tempfile.NamedTemporaryFile(prefix="pmcstat-completion-", suffix=".json") as file:
            def check(complete):
                self.assertIn("true", complete("pmcstat compare tru"))
                self.assertIn("true", complete("pmcstat compare 'sleep 1' tru"))
                self.assertEqual(complete("pmcstat compare --format "), {"text", "json", "markdown"})
                self.assertEqual(complete("pmcstat compare 'sort -e a' --format "), {"text", "json", "markdown"})
                offered = {Path(word).name for word in complete(f"pmcstat compare --results {file.name[:-8]}")}
                self.assertIn(Path(file.name).name, offered)

            self.for_each_shell(check)

    def test_gates_complete_names(self):
        def check(complete):
            for option in ("--assert", "--explain", "--max-regression"):
                self.assertEqual(complete(f"pmcstat {option} page_f"), {"page_fault_rate"}, option)
                self.assertEqual(complete(f"pmcstat gate {option} page_f"), {"page_fault_rate"}, option)
            self.assertEqual(complete("pmcstat --max-regression 2%,page_f"), {"2%,page_fault_rate"})
            self.assertEqual(complete("pmcstat gate --format "), {"text", "json"})

        self.for_each_shell(check)

    def test_the_cpus_that_a_command_may_be_pinned_to(self):
        online = subprocess.run(["getconf", "_NPROCESSORS_ONLN"], capture_output=True, text=True, check=True).stdout
        def check(complete):
            self.assertEqual(len(complete("pmcstat --pin ")), int(online))
            self.assertIn("0", complete("pmcstat compare --pin "))

        self.for_each_shell(check)

    def test_metrics_and_events_are_offered_after_e(self):
        def check(complete):
            self.assertEqual(complete("pmcstat -e page_f"), {"page_fault_rate"})
            self.assertIn("ipc", complete("pmcstat --events "))
            self.assertIn("page-faults", complete("pmcstat -a -e page"))

        self.for_each_shell(check)

    def test_a_list_goes_on_after_its_comma(self):
        def check(complete):
            self.assertEqual(complete("pmcstat -e ipc,page_f"), {"ipc,page_fault_rate"})
            self.assertIn("context-switches,cpu-mig", {word[:24] for word in complete("pmcstat -e context-switches,cpu-m")})

        self.for_each_shell(check)

    def test_formats(self):
        formats = {"text", "json", "ndjson", "csv", "prom"}
        def check(complete):
            self.assertEqual(complete("pmcstat --format "), formats)
            self.assertEqual({word.removeprefix("--format=") for word in complete("pmcstat --format=")}, formats)
            self.assertIn("debug", complete("pmcstat --log-level de"))

        self.for_each_shell(check)

    def test_processes_and_threads(self):
        pid = str(os.getpid())
        def check(complete):
            self.assertIn(pid, complete(f"pmcstat -p {pid[:1]}"))
            self.assertIn(f"1,{pid}", complete(f"pmcstat -a --pid 1,{pid[:1]}"))
            self.assertIn(pid, complete(f"pmcstat -t {pid[:1]}"))

        self.for_each_shell(check)

    def test_files_where_a_file_is_meant(self):
        with tempfile.NamedTemporaryFile(prefix="pmcstat-completion-") as file:
            def check(complete):
                for option in ("-o", "--replay", "--tables", "--baseline", "--save-baseline", "--junit", "gate --input"):
                    offered = {Path(word).name for word in complete(f"pmcstat {option} {file.name[:-3]}")}
                    self.assertIn(Path(file.name).name, offered)

            self.for_each_shell(check)

    def test_the_command_is_completed_as_a_command(self):
        def check(complete):
            for line in ("pmcstat tru", "pmcstat -e ipc tru", "pmcstat -e ipc -- tru", "pmcstat --format=csv tru"):
                self.assertIn("true", complete(line), line)
            self.assertNotIn("--format", complete("pmcstat true --for"))

        self.for_each_shell(check)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
