# Completion of pmcstat for fish.

function __pmcstat_program
    set -l words (commandline -opc)
    echo $words[1]
end

# Whether the subcommand is one of those given; without any, whether there is one.
function __pmcstat_in
    set -l words (commandline -opc)
    set -q argv[1]; or set argv list compare gate doctor
    test (count $words) -gt 1; and contains -- "$words[2]" $argv
end

function __pmcstat_has_results
    contains -- --results (commandline -opc)
end

function __pmcstat_is_first
    test (count (commandline -opc)) -eq 1
end

# How many of the words before the cursor are pmcstat's own; what follows is the command.
function __pmcstat_own_words
    set -l words (commandline -opc)
    set -l values -e --events -p --pid -t --tid --name -C --cpu -G --cgroup --for-each-cgroup -I --interval-print --count \
        --interval-count -D --delay --control --timeout -o --output --format -x --field-separator --label --max-series \
        --backend --replay --tables --log-level -r --repeat --warmup --pin --user --assert --baseline --max-regression --explain \
        --junit --save-baseline --max-runs
    set -l is_value 0
    set -l own 1
    for word in $words[2..-1]
        if test $is_value -eq 1
            set is_value 0
        else if contains -- $word $values
            set is_value 1
        else if test "$word" = --
            echo (math $own + 1)
            return
        else if not string match -q -- '-*' $word
            break
        end
        set own (math $own + 1)
    end
    echo $own
end

# Whether no word of the command has come yet, nor the -- before it.
function __pmcstat_wants_options
    set -l words (commandline -opc)
    test "$words[-1]" != --; and test (__pmcstat_own_words) -ge (count $words)
end

function __pmcstat_command
    set -l words (commandline -opc)
    set -l own (__pmcstat_own_words)
    set -e words[1..$own]
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end

# The items given as arguments, after what the list under the cursor has already.
function __pmcstat_after_comma
    set -l before (string replace -r '[^,{]*$' '' -- (commandline -ct | string replace -r '^--[a-z-]*=' ''))
    while read -l item
        echo "$before$item"
    end
end

function __pmcstat_names
    eval (string escape -- (__pmcstat_program)) list 2>/dev/null | string replace -rf '^  ([^ ]+).*' '$1'
end

function __pmcstat_pids
    for pid in (string match -r '[0-9]+$' /proc/*)
        set -l name
        read name </proc/$pid/comm 2>/dev/null
        printf '%s\t%s\n' $pid "$name"
    end
end

function __pmcstat_tids
    string match -r '[0-9]+$' /proc/*/task/*
end

function __pmcstat_process_names
    cat /proc/*/comm 2>/dev/null | sort -u
end

function __pmcstat_cgroups
    set -l mount (awk '$3 == "cgroup" && $4 ~ /(^|,)perf_event(,|$)/ { print $2; exit }
                       $3 == "cgroup2" && unified == "" { unified = $2 }
                       END { if (unified != "") print unified }' /proc/self/mounts | head -n 1)
    test -n "$mount"; and find $mount -mindepth 1 -type d 2>/dev/null | string replace "$mount/" ''
end

function __pmcstat_cpu_ids
    eval (string escape -- (__pmcstat_program)) list cpus 2>/dev/null | string replace -rf '^([^ ]+).*' '$1'
end

function __pmcstat_cpus
    for range in (string split , -- (cat /sys/devices/system/cpu/online 2>/dev/null))
        set -l ends (string split - -- $range)
        seq $ends[1] $ends[-1]
    end
end

set -l list '__pmcstat_in list'
set -l compare '__pmcstat_in compare'
set -l gate '__pmcstat_in gate'
set -l doctor '__pmcstat_in doctor'
set -l run 'not __pmcstat_in; and __pmcstat_wants_options'

complete -c pmcstat -e
complete -c pmcstat -n __pmcstat_is_first -a list -d 'metrics and events'
complete -c pmcstat -n __pmcstat_is_first -a compare -d 'how commands differ'
complete -c pmcstat -n __pmcstat_is_first -a gate -d 'verdicts on what was measured'
complete -c pmcstat -n __pmcstat_is_first -a doctor -d 'why there are no counters'
complete -c pmcstat -n $run -x -a '(__fish_complete_command)'
complete -c pmcstat -n 'not __pmcstat_in; and not __pmcstat_wants_options' -x -a '(__pmcstat_command)'
complete -c pmcstat -n $list -x -a '(__pmcstat_names) cpus'
complete -c pmcstat -n "$compare; and not __pmcstat_has_results" -x -a '(__fish_complete_command)'
complete -c pmcstat -n "$compare; and __pmcstat_has_results" -F
complete -c pmcstat -n $gate -f
complete -c pmcstat -n $doctor -f

complete -c pmcstat -n $list -l cpu -x -a '(__pmcstat_cpu_ids)' -d 'As it would be on another CPU'
complete -c pmcstat -n $list -l format -x -a 'text json' -d 'Form of the list'

complete -c pmcstat -n $compare -l shell -d 'Let /bin/sh run the commands'
complete -c pmcstat -n $compare -l results -d 'Compare files instead of running anything'
complete -c pmcstat -n $compare -l format -x -a 'text json markdown' -d 'Form of the report'
complete -c pmcstat -n $compare -l timeout -x -d 'End a run after so many milliseconds'

complete -c pmcstat -n $gate -l input -r -F -d 'What is judged'
complete -c pmcstat -n $gate -l region -x -d 'Judge this region alone'
complete -c pmcstat -n $gate -l format -x -a 'text json' -d 'Form of the verdicts'

complete -c pmcstat -n $doctor -l self-test -d 'Are the counters right?'
complete -c pmcstat -n $doctor -l capture -r -F -d 'Write what a bug report needs'
complete -c pmcstat -n $doctor -l format -x -a 'text json' -d 'Form of the findings'

for where in $run $list $compare $gate $doctor
    complete -c pmcstat -n $where -l log-level -x -a 'trace debug info warn error off' -d 'Diagnostics on stderr'
    complete -c pmcstat -n $where -s h -l help -d 'Print a summary of the options'
end
for where in $run $list $compare $doctor
    complete -c pmcstat -n $where -l tables -r -F -d 'Metrics and CPUs of your own'
end
for where in $run $compare $gate
    complete -c pmcstat -n $where -s o -l output -r -F -d 'Write the report to a file'
end
for where in $run $compare
    complete -c pmcstat -n $where -l backend -x -a 'hardware model model-regions' -d 'Who counts'
    complete -c pmcstat -n $where -s e -l events -x -a '(__pmcstat_names | __pmcstat_after_comma)' -d 'Metrics and events to count'
    complete -c pmcstat -n $where -s r -l repeat -x -d 'Run the command so often'
    complete -c pmcstat -n $where -l warmup -x -d 'Runs before those, that do not count'
    complete -c pmcstat -n $where -l allow-failures -d 'Go on when a run fails'
    complete -c pmcstat -n $where -l pin -x -a '(__pmcstat_cpus)' -d 'Run it on this CPU'
    complete -c pmcstat -n $where -l no-aslr -d 'Run it at the same addresses each time'
    complete -c pmcstat -n $where -l fixed-env -d 'In an environment of the same size everywhere'
    complete -c pmcstat -n $where -l user -x -a '(__fish_complete_users)' -d 'Run it as this user'
end
for where in $run $gate
    complete -c pmcstat -n $where -l assert -x -a '(__pmcstat_names)' -d 'Fail unless it holds'
    complete -c pmcstat -n $where -l baseline -r -F -d 'Compare with what was saved there'
    complete -c pmcstat -n $where -l max-regression -x -a '(__pmcstat_names | __pmcstat_after_comma)' -d 'Fail if it is worse by more'
    complete -c pmcstat -n $where -l explain -x -a '(__pmcstat_names)' -d 'What it was made of'
    complete -c pmcstat -n $where -l junit -r -F -d 'The verdicts as JUnit XML'
    complete -c pmcstat -n $where -l github -d 'The verdicts as annotations for GitHub'
end

complete -c pmcstat -n $run -s p -l pid -x -a '(__pmcstat_pids | __pmcstat_after_comma)' -d Processes
complete -c pmcstat -n $run -s t -l tid -x -a '(__pmcstat_tids | __pmcstat_after_comma)' -d 'Single threads'
complete -c pmcstat -n $run -l name -x -a '(__pmcstat_process_names)' -d 'Processes whose name matches'
complete -c pmcstat -n $run -s a -l all-cpus -d 'Everything that runs'
complete -c pmcstat -n $run -s C -l cpu -x -d 'Everything that runs on these CPUs'
complete -c pmcstat -n $run -s G -l cgroup -x -a '(__pmcstat_cgroups | __pmcstat_after_comma)' -d 'Each of these cgroups'
complete -c pmcstat -n $run -l for-each-cgroup -x -a '(__pmcstat_cgroups | __pmcstat_after_comma)' -d 'Each cgroup that matches'
complete -c pmcstat -n $run -s i -l no-inherit -d 'Not the threads and children that are made'
complete -c pmcstat -n $run -s A -l no-aggr -d 'A row for each CPU'
complete -c pmcstat -n $run -l per-core -d 'A row for each core'
complete -c pmcstat -n $run -l per-socket -d 'A row for each socket'
complete -c pmcstat -n $run -l per-node -d 'A row for each NUMA node'
complete -c pmcstat -n $run -l per-thread -d 'A row for each thread'
complete -c pmcstat -n $run -s I -l interval-print -x -d 'Report every so many milliseconds'
complete -c pmcstat -n $run -l count -l interval-count -x -d 'Stop after so many intervals'
complete -c pmcstat -n $run -l summary -d 'The totals after the intervals'
complete -c pmcstat -n $run -l spark -d 'A line of bars for each value'
complete -c pmcstat -n $run -s D -l delay -x -d 'Begin to count after so many milliseconds, or -1'
complete -c pmcstat -n $run -l control -x -a 'fd: fifo:' -d 'Take commands'
complete -c pmcstat -n $run -l timeout -x -d 'End it after so many milliseconds'
complete -c pmcstat -n $run -l self-overhead -d 'Also tell what pmcstat itself cost'
complete -c pmcstat -n $run -l passes -d 'As many runs as it takes to share no counter'
complete -c pmcstat -n $run -l no-multiplex -d 'Refuse what cannot be counted all at once'
complete -c pmcstat -n $run -l format -x -a 'text json ndjson csv prom' -d 'Form of the report'
complete -c pmcstat -n $run -s x -l field-separator -x -d 'Lines as perf stat -x writes them'
complete -c pmcstat -n $run -s j -l json-output -d 'Objects as perf stat -j writes them'
complete -c pmcstat -n $run -l label -x -d 'KEY=VALUE: a label for each series'
complete -c pmcstat -n $run -l max-series -x -d 'No more series than this'
complete -c pmcstat -n $run -s v -l verbose -d 'Also groups, encodings and raw counts'
complete -c pmcstat -n $run -l replay -r -F -d 'Report a run again'
complete -c pmcstat -n $run -l version -d 'Print the version'
complete -c pmcstat -n $run -l calibrate -d 'The smallest change that this machine can see'
complete -c pmcstat -n $run -l save-baseline -r -F -d 'Save what was measured'
complete -c pmcstat -n $run -l max-runs -x -d 'Run at most so often'
