"""Reading JSON, and checks that name the file and the key."""

import json
import math
import re
from pathlib import Path

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
BUILTINS = ("seconds", "group_seconds", "width")


class TableError(Exception):
    """What is wrong, and where: the file, then the keys down to the place."""


class Place:
    """A position in a file, for messages."""

    def __init__(self, file, keys=()):
        self.file, self.keys = file, keys

    def __truediv__(self, key):
        return Place(self.file, self.keys + (str(key),))

    def fail(self, what):
        raise TableError(f"{self.file}: {'.'.join(self.keys)}: {what}" if self.keys else f"{self.file}: {what}")


def load(path):
    place = Place(path)

    def without_duplicates(pairs):
        seen = {}
        for key, value in pairs:
            if key in seen:
                place.fail(f"the key '{key}' stands twice in one object")
            seen[key] = value
        return seen

    try:
        return json.loads(Path(path).read_text(encoding="utf-8"), object_pairs_hook=without_duplicates)
    except OSError as error:
        place.fail(error.strerror)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        place.fail(f"not JSON: {error}")


def check_object(value, allowed, required, place):
    if not isinstance(value, dict):
        place.fail("must be an object")
    for key in value:
        if key not in allowed:
            place.fail(f"there is no key '{key}' here; the keys are {', '.join(sorted(allowed))}")
    for key in required:
        if key not in value:
            place.fail(f"the key '{key}' is missing")


def check_text(value, place, pattern=None, what=None):
    if not isinstance(value, str) or not value.strip():
        place.fail("must be a text that is not empty")
    if pattern and not pattern.fullmatch(value):
        place.fail(f"'{value}' is not {what}")
    return value


def check_choice(value, choices, place):
    if value not in choices:
        place.fail(f"'{value}' is none of {', '.join(choices)}")
    return value


def check_texts(value, place):
    if not isinstance(value, list):
        place.fail("must be a list")
    for index, item in enumerate(value):
        check_text(item, place / index)
    if len(set(value)) != len(value):
        place.fail("one item stands twice")
    return value


def check_number(value, place):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        place.fail("must be a number")


def check_numbers(value, place):
    check_object(value, value, (), place)
    for name, number in value.items():
        check_text(name, place / name, IDENTIFIER, "an identifier")
        check_number(number, place / name)


def check_count(value, place):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 64:
        place.fail("must be a number from 0 to 64")
    return value
