"""The names of options, as pmcstat's own help has them."""

import re
import subprocess


def of_help(pmcstat, *subcommand):
    """{"-e", "--events", …} of `pmcstat [subcommand] --help`."""
    text = subprocess.run([pmcstat, *subcommand, "--help"], capture_output=True, text=True, check=True, timeout=20).stdout
    rows = re.findall(r"^  (-[^ ]+)", text, re.MULTILINE)
    return {name for row in rows for name in row.split(",") if name.startswith("-")}
