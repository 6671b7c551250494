"""hardening.py PMCSTAT LIBPMC_SO HOT_ARCHIVE: what the linker and the compiler were to do against abuse is in what they made."""
import re
import subprocess
import sys
import unittest

PMCSTAT, LIBRARY, HOT = sys.argv[1:4]


def output(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def segment_flags(path, name):
    """Of the program header with this name; None if there is none."""
    found = re.search(rf"^  {name} .*", output("readelf", "--program-headers", "--wide", path), re.MULTILINE)
    return found and re.search(r" ([R ][W ][E ]) +0x\S+$", found.group()).group(1)


class Hardening(unittest.TestCase):
    def test_pmcstat_can_be_loaded_anywhere(self):
        self.assertIn("Type: DYN", re.sub(" +", " ", output("readelf", "--file-header", PMCSTAT)))
        self.assertRegex(output("readelf", "--dynamic", PMCSTAT), r"\(FLAGS_1\).* PIE")

    def test_what_the_loader_has_filled_in_is_read_only(self):
        for path in (PMCSTAT, LIBRARY):
            with self.subTest(path):
                self.assertIsNotNone(segment_flags(path, "GNU_RELRO"))
                # All of it, as nothing is looked up later.
                self.assertRegex(output("readelf", "--dynamic", path), r"\(FLAGS_1\).* NOW|\(BIND_NOW\)")

    def test_no_stack_is_executable(self):
        for path in (PMCSTAT, LIBRARY):
            with self.subTest(path):
                self.assertEqual(segment_flags(path, "GNU_STACK"), "RW ")

    def test_no_segment_is_both_written_and_executed(self):
        for path in (PMCSTAT, LIBRARY):
            with self.subTest(path):
                self.assertNotRegex(output("readelf", "--program-headers", "--wide", path), r"(?m)^  LOAD .* RWE ")

    def test_stacks_are_guarded_but_where_it_would_be_measured(self):
        self.assertIn("__stack_chk_fail", output("readelf", "--dyn-syms", "--wide", LIBRARY))
        self.assertIn("__stack_chk_fail", output("readelf", "--dyn-syms", "--wide", PMCSTAT))
        hot = output("nm", HOT)
        self.assertIn("CounterGroup", hot)
        self.assertNotIn("__stack_chk_fail", hot)

    def test_nothing_is_loaded_from_where_it_was_built(self):
        # pmcstat has the library inside. What is installed has no path either (tests/consumer).
        self.assertNotRegex(output("readelf", "--dynamic", PMCSTAT), r"\((RPATH|RUNPATH)\)")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
