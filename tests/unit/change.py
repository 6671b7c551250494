#!/usr/bin/env python3
"""compare() and compare_pairs() say what scipy's exact tests say. Usage: change.py CHANGE_NUMBERS"""

import math
import random
import subprocess
import sys
import unittest

import numpy
from scipy import stats

CHANGE_NUMBERS = sys.argv[1]
SERIES = 12  # of each pair of lengths
ALPHA = 0.05
A_LITTLE = 1e-9  # of a logarithm: to either side of an interval's end


def made_up(source, count, median):
    """Skewed noise of a few per cent; no two numbers are equal."""
    return [median * math.exp(source.gauss(0, 0.02) + source.expovariate(60)) for _ in range(count)]


def answers(how, series):
    lines = [" ".join([how, str(len(a)), str(len(b)), *map(repr, a + b)]) for a, b in series]
    text = subprocess.run([CHANGE_NUMBERS], input="\n".join(lines) + "\n", text=True, check=True, timeout=60, stdout=subprocess.PIPE)
    return [tuple(map(float, line.split())) for line in text.stdout.splitlines()]


def mann_whitney_p(a, b, shift):
    return stats.mannwhitneyu(numpy.log(b) - shift, numpy.log(a), alternative="two-sided", method="exact").pvalue


def wilcoxon_p(a, b, shift):
    return stats.wilcoxon(numpy.log(b) - numpy.log(a) - shift, alternative="two-sided", method="exact").pvalue


def differences(a, b):
    return numpy.subtract.outer(numpy.log(b), numpy.log(a)).ravel()


def walsh_averages(a, b):
    ratios = numpy.log(b) - numpy.log(a)
    return numpy.add.outer(ratios, ratios)[numpy.triu_indices(len(ratios))] / 2


class Change(unittest.TestCase):
    def check(self, how, lengths, p_value, values):
        source = random.Random(6)
        for n, m in lengths:
            series = [(made_up(source, n, 5e9), made_up(source, m, 5e9 * source.uniform(0.95, 1.05))) for _ in range(SERIES)]
            found = answers(how, series)
            self.assertEqual(len(found), len(series))
            for (a, b), (change, low, high, confidence) in zip(series, found):
                with self.subTest(how=how, n=n, m=m, a=a, b=b):
                    self.assertAlmostEqual(change, math.expm1(numpy.median(values(a, b))), delta=1e-12)
                    self.assertGreaterEqual(confidence, 1 - ALPHA)
                    # The shifts within the interval are not rejected, those outside are.
                    for end, outwards in ((math.log1p(low), -A_LITTLE), (math.log1p(high), A_LITTLE)):
                        self.assertGreater(p_value(a, b, end - outwards), ALPHA)
                        self.assertLessEqual(p_value(a, b, end + outwards), ALPHA)
                        self.assertAlmostEqual(p_value(a, b, end + outwards), 1 - confidence, delta=1e-9)

    def test_of_runs(self):
        self.check("runs", [(4, 4), (3, 5), (2, 8), (5, 9), (10, 10), (1, 39), (30, 20)], mann_whitney_p, differences)

    def test_of_pairs(self):
        self.check("pairs", [(n, n) for n in (6, 7, 10, 15, 25)], wilcoxon_p, walsh_averages)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
