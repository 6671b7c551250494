"""docs/reliability.md has a row for every fault and target, and every row a test that is there."""
import pathlib
import re
import sys

TARGETS = ['run', 'attach', '-a', 'region']
FAULTS = [
    'No PMU', 'Paranoid 2, unprivileged', 'Paranoid 3, unprivileged', 'Paranoid 4, unprivileged',
    'seccomp: perf_event_open is EPERM', 'seccomp: perf_event_open is ENOSYS', 'Too few files (RLIMIT_NOFILE)',
    'No memory may be locked (RLIMIT_MEMLOCK)', 'Group too large', 'PMU held by a pinned rival', 'CPU hot-unplugged',
    'Target exits during attach', 'A thousand children', 'setuid program', 'Clock stepped', '/sys not mounted',
    '/proc not mounted', 'tracefs unreadable', 'read() short', 'read() EINTR', 'read() EOF', 'mmap refused',
    'stdout closed', 'Disk full', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPIPE', 'SIGSTOP', 'SIGCONT',
    'Fork bomb under --timeout',
]
TEST = re.compile(r'`((?:unit|system)/[a-z0-9_]+)`:? "((?:[^"\\]|\\.)+)"')

root = pathlib.Path(sys.argv[1])
wrong = []


def cases(file):
    """The suite of each test case of a source file."""
    path = root / 'tests' / (file + '.cpp')
    suite, found = '', {}
    if not path.exists():
        return found
    for kind, name in re.findall(r'TEST_(SUITE|SUITE_BEGIN|CASE)\("((?:[^"\\]|\\.)+)"', path.read_text()):
        if kind == 'CASE':
            found[name] = suite
        else:
            suite = name
    return found


def rows(section):
    return [[cell.strip() for cell in line.strip().strip('|').split(' | ')]
            for line in section.splitlines() if line.startswith('| ')][1:]


text = (root / 'docs/reliability.md').read_text()
sections = {part.split('\n', 1)[0].strip(): part for part in re.split(r'^### ', text, flags=re.M)[1:]}
for name in sections.keys() - set(FAULTS):
    wrong.append(f'no such fault: {name}')
tested = in_lab = pointless = 0
for fault in FAULTS:
    if fault not in sections:
        wrong.append(f'{fault}: no section')
        continue
    by_target = {row[0]: row for row in rows(sections[fault])}
    for target in TARGETS:
        row = by_target.pop(target, None)
        if row is None or len(row) != 3:
            wrong.append(f'{fault} × {target}: no row of three cells')
            continue
        if row[1].startswith('n/a: '):
            pointless += 1
            continue
        named = TEST.findall(row[2])
        if not row[1] or not named:
            wrong.append(f'{fault} × {target}: says nothing, or names no test')
            continue
        suites = []
        for file, case in named:
            found = cases(file)
            if case not in found:
                wrong.append(f'{fault} × {target}: tests/{file}.cpp has no test case "{case}"')
            suites.append(found.get(case, ''))
        tested += 1
        in_lab += all(suite.startswith('lab') for suite in suites)
    for target in by_target:
        wrong.append(f'{fault}: what is the target {target}?')

summary = (f'{len(FAULTS)} faults × {len(TARGETS)} targets = {len(FAULTS) * len(TARGETS)} cells: '
           f'{tested} tested ({in_lab} of them in the lab alone), {pointless} n/a')
if summary not in text:
    wrong.append(f'the summary is: {summary}')
for line in wrong:
    print(f'not ok {line}')
print(('not ok ' if wrong else 'ok ') + summary)
sys.exit(bool(wrong))
