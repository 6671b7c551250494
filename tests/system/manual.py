#!/usr/bin/env python3
"""The manual pages have every option, are well formed, and their programs compile. Usage: manual.py ROOT PMCSTAT."""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
import option_names

ROOT, PMCSTAT = Path(sys.argv[1]), sys.argv[2]
PAGES = [ROOT / "docs/pmcstat.1", ROOT / "docs/libpmc.3"]


def plain(text):
    """A line of a page without fonts and escapes."""
    text = re.sub(r"\\f.", "", text)
    for escape, character in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ha", "^"), (r"\e", "\\")):
        text = text.replace(escape, character)
    return text


def section(page, name):
    return re.search(rf'^\.SH "?{re.escape(name)}"?\n(.*?)(?=^\.SH |\Z)', page.read_text("utf-8"), re.M | re.S).group(1)


def options_of(text):
    """Those that have a paragraph of their own."""
    heads = [plain(line) for line in re.findall(r"^\.TP\n(.*)", text, re.M)]
    return {name for head in heads for name in re.findall(r"(?:^|, )(--?[A-Za-z][-A-Za-z]*)", head)}


# The sections on the subcommands that have options of their own.
SECTIONS = {"LIST": "list", "COMPARE": "compare", "GATE": "gate", "DOCTOR": "doctor"}


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


class Manual(unittest.TestCase):
    def test_every_option_has_its_paragraph_and_every_paragraph_its_option(self):
        self.assertEqual(options_of(section(PAGES[0], "OPTIONS")), option_names.of_help(PMCSTAT))
        for name, subcommand in SECTIONS.items():
            self.assertEqual(options_of(section(PAGES[0], name)), option_names.of_help(PMCSTAT, subcommand), name)

    def test_options_in_the_text_exist(self):
        known = option_names.of_help(PMCSTAT).union(
            *(option_names.of_help(PMCSTAT, subcommand) for subcommand in SECTIONS.values()))
        of_others = {"--cflags", "--libs", "--fast"}
        for page in PAGES:
            named = set(re.findall(r"(?<![-\w./])--[a-z][-a-z]*", plain(page.read_text("utf-8"))))
            self.assertEqual(named - known - of_others, set(), page.name)

    def test_they_are_well_formed(self):
        for page in PAGES:
            lint = run("mandoc", "-T", "lint", "-W", "warning", page)
            self.assertEqual((lint.returncode, lint.stdout + lint.stderr), (0, ""), page.name)
            groff = run("groff", "-man", "-ww", "-z", "-Tutf8", page)
            self.assertEqual((groff.returncode, groff.stdout + groff.stderr), (0, ""), page.name)

    def test_they_are_of_this_version(self):
        version = run(PMCSTAT, "--version").stdout.split()[1]
        for page in PAGES:
            self.assertIn(f'"libpmc {version}"', page.read_text("utf-8").split("\n", 1)[0])

    def test_every_exit_status_of_the_help_is_explained(self):
        statuses = section(PAGES[0], "EXIT STATUS")
        for status in ("0", "1", "120", "121", "124", "125", "126", "127", "130"):
            self.assertRegex(plain(statuses), rf"\b{status}\b")

    def test_the_programs_compile(self):
        found = re.findall(r'^\.\\" example: (\S+)\n\.EX\n(.*?)^\.EE$', PAGES[1].read_text("utf-8"), re.M | re.S)
        self.assertEqual({name for name, _ in found},
                         {"counter_group.cpp", "region.cpp", "measure.cpp", "session.cpp", "repeats.cpp", "group.c"})
        with tempfile.TemporaryDirectory() as folder:
            for name, text in found:
                source = Path(folder) / name
                source.write_text(plain(text), encoding="utf-8")
                compiler = ["gcc", "-std=c11"] if name.endswith(".c") else ["g++", "-std=c++20"]
                done = run(shutil.which(compiler[0]), compiler[1], "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                           f"-I{ROOT}/libpmc/include", source)
                self.assertEqual(done.stderr, "", name)

    def test_every_header_is_named(self):
        named = set(re.findall(r"pmc/(\w+\.hpp|pmc\.h)\b", PAGES[1].read_text("utf-8")))
        inner = {"do_not_optimize.hpp", "export.hpp", "count.hpp", "version.hpp"}
        there = {path.name for path in (ROOT / "libpmc/include/pmc").iterdir()}
        self.assertEqual(named | inner, there)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
