#!/usr/bin/env python3
"""Every event of the tables against tests/data/events-table.tsv, which was collected independently. Usage: event_facts.py <source root>

Encodes the tables' terms through events/formats by its own few lines, and compares with the table of facts. What differs, or is no fact
of that table, is named below with its reason; an exception that is none any more is an error too.
"""

import csv
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1) if len(sys.argv) > 1 else ".").resolve()
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "events"))

from generator.cpu_table import PMU_TERMS, read_tables  # noqa: E402
from generator.document import Place, load  # noqa: E402
from generator.formats import read_formats  # noqa: E402
from generator.metric import check_roles  # noqa: E402

# The table's column of facts. Client and server cores of one design share a table; the server's facts are compared.
FACTS = {
    "haswell": "HSX", "skylake-sp": "SKX", "icelake-sp": "ICX", "sapphirerapids": "SPR", "graniterapids": "GNR",
    "sierraforest": "SRF", "alderlake-p": "ADL-P", "alderlake-e": "ADL-E", "alderlake-n": "ADL-E", "lunarlake-p": "LNL-P",
    "lunarlake-e": "LNL-E",
    "zen1": "Zen1", "zen2": "Zen2", "zen3": "Zen3", "zen4": "Zen4", "zen5": "Zen5", "zen6": "Zen6",
    "neoverse-n1": "N1", "neoverse-n2": "N2/V2", "neoverse-v2": "N2/V2", "neoverse-n3": "N3", "neoverse-v1": "V1",
    "neoverse-v3": "V3", "cortex-a57": "A57/A72", "cortex-a72": "A57/A72", "cortex-a76": "A76",
}

COMMON = {"cycles": "cycles", "instructions": "instructions", "ref_cycles": "ref-cycles", "branches": "branches",
          "branch_misses": "branch-misses"}
INTEL = COMMON | {
    "l1d_refs": "l1d.loads", "l1d_misses": "l1d.load-misses", "l2_refs": "l2.refs", "l2_misses": "l2.misses",
    "llc_refs": "llc.refs", "llc_misses": "llc.misses",
    "dtlb_load_walks": "dtlb.load.walks", "dtlb_load_walk_cycles": "dtlb.load.walk-cycles",
    "dtlb_store_walks": "dtlb.store.walks", "dtlb_store_walk_cycles": "dtlb.store.walk-cycles",
    "itlb_walks": "itlb.walks", "itlb_walk_cycles": "itlb.walk-cycles",
    "stall_frontend": "stall.frontend-cycles", "stall_backend": "stall.exec-cycles", "stall_memory": "stall.mem-cycles",
    "td_slots": "td.slots", "td_uops_issued": "td.uops-issued", "td_uops_retired": "td.retire-slots",
    "td_undelivered": "td.fe-slots", "td_recovery": "td.recovery-cycles",
    "td_retiring": "td.e.retiring", "td_bad_speculation": "td.e.bad-spec", "td_frontend": "td.e.fe", "td_backend": "td.e.be",
    "fp_ops": "fp.flops", "mem_reads": "mem.rd", "mem_writes": "mem.wr",
    # One event whose umask is the union of several.
    "fp_1": ("fp.scalar-double", "fp.scalar-single"), "fp_2": ("fp.128d",), "fp_4": ("fp.128s", "fp.256d"),
    "fp_8": ("fp.256s", "fp.512d"), "fp_16": ("fp.512s",),
}
AMD = COMMON | {
    "l1d_refs": "l1d.accesses", "l1d_misses": "l1d.misses(mab)", "l2_refs": "l2.refs-nopf", "l2_misses": "l2.demand-misses",
    "l3_refs": "llc.refs", "l3_misses": "llc.misses", "dtlb_walks": "dtlb.l2-misses", "itlb_walks": "itlb.l2-misses",
    "stall_frontend": "stall.frontend-cycles", "stall_memory": "stall.noretire-load",
    "td_frontend": "td.fe-slots", "td_backend": "td.be-slots", "td_smt": "td.smt-slots", "td_ops_dispatched": "td.disp-ops",
    "td_ops_retired": "td.ret-ops", "td_ops_microcode": "td.ucode-ops", "td_resyncs": "td.resyncs",
    "td_incomplete": "stall.noretire-notcomplete", "td_incomplete_load": "stall.noretire-load", "fp_ops": "fp.flops",
    "mem_reads": "mem.cas-rd", "mem_writes": "mem.cas-wr", "mem_channel_0": "mem.df-rd",
}
ARM = {
    "cycles": "cpu_cycles", "instructions": "inst_retired", "branches": "br_retired", "branch_misses": "br_mis_pred_retired",
    "l1d_refs": "l1d_cache", "l1d_misses": "l1d_cache_refill", "l2_refs": "l2d_cache", "l2_misses": "l2d_cache_refill",
    "llc_refs": "ll_cache_rd", "llc_misses": "ll_cache_miss_rd", "dtlb_walks": "dtlb_walk", "itlb_walks": "itlb_walk",
    "stall_frontend": "stall_frontend", "stall_backend": "stall_backend", "stall_memory": "stall_backend_mem",
    "stall_slot": "stall_slot", "stall_slot_frontend": "stall_slot_frontend", "stall_slot_backend": "stall_slot_backend",
    "stall_frontend_flush": "stall_frontend_flush", "ops_speculated": "op_spec", "ops_retired": "op_retired",
    "branch_misses_speculated": "br_mis_pred", "fp_fixed_ops": "fp_fixed_ops_spec", "fp_scalable_ops": "fp_scale_ops_spec",
}

# Where a table plays a role with another concept than its vendor's other tables do.
INSTEAD = {("icelake-sp", "l2_misses"): "l2.demand-misses"}

# (table or a prefix with *, role): why it is no fact of the table, or differs from it.
PSEUDO = "a field of the slots' companion register: the kernel's alias, no event of a document"
RAPL = "the kernel's power PMU; its codes are in arch/x86/events/rapl.c"
EXCEPTIONS = {
    ("*", "energy_package"): RAPL, ("*", "energy_cores"): RAPL, ("*", "energy_memory"): RAPL,
    **{("*", "td_m_" + part): PSEUDO for part in ("retiring", "bad_speculation", "frontend", "backend", "heavy", "mispredicts",
                                                  "fetch_latency", "memory")},
    ("haswell", "core_cycles"): "cycles with the any bit: either thread's",
    ("skylake-sp", "core_cycles"): "cycles with the any bit: either thread's",
    ("icelake-sp", "l2_refs"): "all demand requests: the union of the documented data (e1), ownership (e2) and code reads (e4)",
    ("sierraforest", "l2_refs"): "the union of the documented hits (02) and misses (01): what l2_misses is a part of",
    ("lunarlake-e", "l2_refs"): "hits and misses without the rejected requests (04), which l2_misses does not have either",
    ("haswell", "td_recovery_core"): "td_recovery with the any bit",
    ("skylake-sp", "td_recovery_core"): "td_recovery with the any bit",
    ("zen[12]", "l1d_misses"): "the kernel's L1-dcache-load-misses: L2 requests from misses of the L1D",
    ("zen1", "stall_frontend"): "no fact of its own there: the kernel's stalled-cycles-frontend, labelled a proxy",
    ("zen1", "stall_backend"): "no fact of its own there: the kernel's stalled-cycles-backend, labelled a proxy",
    ("zen2", "llc_refs"): "the kernel's fills by source, less those of the core's own L2; events.md 4.3",
    ("zen2", "llc_misses"): "the kernel's fills by source, from beyond the CCX",
    ("zen[3-6]", "llc_refs"): "the kernel's fills by source, less those of the core's own L2",
    ("zen[3-6]", "llc_misses"): "the kernel's fills by source, from beyond this CCX's L3",
    ("zen[4-6]", "td_frontend_idle"): "td_frontend with the width as cmask: cycles in which no slot had an op",
    ("zen6", "l1d_misses"): "Zen 6 has no buffer event: demand fills from any source, which is l1d.demand-fills",
    **{("zen[1-3]", f"mem_channel_{i}"): "the data fabric's channels: the kernel's dram_channel_data_controller_N, 0x40 apart"
       for i in range(1, 8)},
    ("neoverse-*", "mem_accesses"): "the mesh's PMU, not the core's: hnf_mc_reqs of drivers/perf/arm-cmn.c",
    ("cortex-a[57][72]", "branches"): "no BR_RETIRED there: predicted branches, labelled a proxy",
    ("cortex-a[57][72]", "branch_misses"): "no BR_MIS_PRED_RETIRED there: a proxy",
    ("cortex-a[57][72]", "llc_refs"): "no LL_CACHE_RD there: the L2, labelled approx",
    ("cortex-a[57][72]", "llc_misses"): "no LL_CACHE_MISS_RD there: the L2, labelled approx",
}


def encode(terms, pmu):
    """config, config1, config2 of terms; bits of a field are filled from the lowest."""
    words = {"config": 0, "config1": 0, "config2": 0}
    for term in terms.split(","):
        name, _, text = term.partition("=")
        word, ranges = pmu["format"][name].split(":")
        value = int(text or "1", 0)
        for first, last in re.findall(r"([0-9]+)(?:-([0-9]+))?", ranges):
            for bit in range(int(first), int(last or first) + 1):
                words[word] |= (value & 1) << bit
                value >>= 1
    return words


def read_facts():
    with open(ROOT / "tests/data/events-table.tsv", encoding="utf-8") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(lines)
        return {(line[0], line[1]): line for line in lines}


def config_of(fact):
    """The facts' code as a config; of a PMU beside the core's only event, umask and what stands behind."""
    if fact[5]:
        return int(fact[5], 16)
    event, umask = re.match(r"(0x[0-9a-f]+)/(0x[0-9a-f]+)", fact[4]).groups()
    mask = re.search(r"rdwrmask=(0x[0-9a-f]+)", fact[4])
    return int(event, 16) | int(umask, 16) << 8 | (int(mask[1], 16) << 8 if mask else 0)


def counters_of(on):
    """The generic counters that "fixed1,any" or "0-3" names; None: any."""
    if "any" in on or not on:
        return None
    return {counter for first, last in re.findall(r"(?<!fixed)(?<![0-9])([0-9]+)(?:-([0-9]+))?", on)
            for counter in range(int(first), int(last or first) + 1)}


def wrong_counters(fact, on, generic):
    """What is wrong with 'on' where the facts name the counters; an event of a table with 'alone' is the same on the first four."""
    fixed = re.fullmatch(r"Fixed counter ([0-9]+)", fact[6])
    if fixed:
        return "" if re.match(f"fixed{fixed[1]}(,|$)", on) else f"fixed{fixed[1]}"
    theirs, ours = set(map(int, fact[6].split(","))), counters_of(on)
    return "" if theirs == (ours if ours is not None else set(range(generic))) else fact[6]


class EventFacts(unittest.TestCase):
    def test_every_event_is_a_fact(self):
        events = ROOT / "events"
        document = load(str(events / "metrics.json"))
        formats = read_formats([str(path) for path in sorted(events.glob("formats/*.json"))])
        paths = [str(path) for folder in ("x86", "arm64") for path in sorted(events.glob(folder + "/*.json"))]
        tables = read_tables([*paths, str(events / "generic.json")], check_roles(document, Place("metrics.json")), formats)
        facts, used, same, counters, wrong = read_facts(), set(), 0, 0, []
        for table in tables:
            if "match" not in table:
                continue
            self.assertIn(table["id"], FACTS, "which row of facts is it?")
            vendor = ARM if table["match"][0].startswith("midr") else INTEL if "Intel" in table["match"][0] else AMD
            for role, event in table["events"].items():
                with_pmu = PMU_TERMS.fullmatch(event["e"])
                name, terms = (with_pmu[1], with_pmu[2]) if with_pmu else ("core", event["e"])
                pmus = formats[table["formats"]]["pmus"]
                pmu = pmus.get(name) or pmus[name + "_0"]
                config = encode(terms, pmu)["config"]
                concepts = INSTEAD.get((table["id"], role), vendor.get(role, ()))
                concepts = (concepts,) if isinstance(concepts, str) else concepts
                rows = [facts.get((FACTS[table["id"]], concept)) for concept in concepts]
                rows = [row for row in rows if row and row[4].strip("- ")]
                union = 0
                for row in rows:
                    union |= config_of(row)
                for row in rows:
                    if row[6]:
                        counters += 1
                        expected = wrong_counters(row, event.get("on", ""), table["counters"]["generic"])
                        if expected:
                            wrong.append(f"{table['id']} {role}: 'on' is '{event.get('on', '')}', the facts say {expected}")
                reason = next((key for key in EXCEPTIONS if re.fullmatch(key[0].replace("*", ".*"), table["id"])
                               and key[1] == role), None)
                if rows and union == config:
                    same += 1
                    if reason is not None:
                        wrong.append(f"{table['id']} {role}: is named as an exception, and is none")
                    continue
                if reason is None:
                    wrong.append(f"{table['id']} {role}: {event['e']} is {config:#x}, the facts say "
                                 f"{hex(union) if rows else 'nothing'}")
                used.add(reason)
        self.assertEqual(wrong, [])
        self.assertEqual(set(EXCEPTIONS) - used, set(), "these exceptions are none any more")
        print(f"{same} encodings and the counters of {counters} are the facts', {len(EXCEPTIONS)} named exceptions")
        self.assertGreaterEqual(same, 530)
        self.assertGreaterEqual(counters, 250)


if __name__ == "__main__":
    unittest.main()
