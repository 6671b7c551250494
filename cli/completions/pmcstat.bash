# shellcheck shell=bash
# Completion of pmcstat for bash. Needs nothing of the package bash-completion, but uses its _command_offset for the
# command that is counted, where it is there.

# Metrics and events that `pmcstat list` shows.
_pmcstat_names() {
    "$1" list 2>/dev/null | sed -n 's/^  \([^ ]\{1,\}\).*/\1/p'
}

_pmcstat_cgroups() {
    local mount
    mount=$(awk '$3 == "cgroup" && $4 ~ /(^|,)perf_event(,|$)/ { print $2; exit }
                 $3 == "cgroup2" && unified == "" { unified = $2 }
                 END { if (unified != "") print unified }' /proc/self/mounts | head -n 1)
    [[ -n $mount ]] && (cd "$mount" 2>/dev/null && find . -mindepth 1 -type d 2>/dev/null | sed 's|^\./||')
}

_pmcstat_cpus() {
    local first last
    tr ',' '\n' </sys/devices/system/cpu/online | while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done
}

# The words of $2 that go on from the last item of the list $1; what stands before that item is kept.
_pmcstat_items() {
    local list=$1 item=${1##*[,\{]}
    local before=${list%"$item"}
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$2" -- "$item")
    compopt -o nospace
}

_pmcstat_value() {
    local program=$1 option=$2 word=$3
    case $option in
    -e | --events) _pmcstat_items "$word" "$(_pmcstat_names "$program")" ;;
    -p | --pid) _pmcstat_items "$word" "$(cd /proc && echo [0-9]*)" ;;
    -t | --tid) _pmcstat_items "$word" "$(cd /proc && printf '%s\n' [0-9]*/task/[0-9]* | sed 's|.*/||')" ;;
    --name) mapfile -t COMPREPLY < <(compgen -W "$(cat /proc/[0-9]*/comm 2>/dev/null | sort -u)" -- "$word") ;;
    -G | --cgroup | --for-each-cgroup) _pmcstat_items "$word" "$(_pmcstat_cgroups)" ;;
    --format)
        local formats="text json ndjson csv prom"
        [[ -n $subcommand ]] && formats="text json"
        [[ $subcommand == compare ]] && formats+=" markdown"
        mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$word")
        ;;
    --backend) mapfile -t COMPREPLY < <(compgen -W "hardware model model-regions" -- "$word") ;;
    --log-level) mapfile -t COMPREPLY < <(compgen -W "trace debug info warn error off" -- "$word") ;;
    --control)
        mapfile -t COMPREPLY < <(compgen -W "fd: fifo:" -- "$word")
        compopt -o nospace
        ;;
    --cpu)
        if [[ $subcommand == list ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$("$program" list cpus 2>/dev/null | sed -n 's/^\([^ ]\{1,\}\).*/\1/p')" -- "$word")
        fi
        ;;
    --pin) mapfile -t COMPREPLY < <(compgen -W "$(_pmcstat_cpus 2>/dev/null)" -- "$word") ;;
    --user) mapfile -t COMPREPLY < <(compgen -u -- "$word") ;;
    --assert | --explain | --max-regression) _pmcstat_items "$word" "$(_pmcstat_names "$program")" ;;
    -o | --output | --replay | --tables | --input | --junit | --baseline | --save-baseline | --capture)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        compopt -o filenames
        ;;
    esac
}

_pmcstat() {
    local program=$1
    local repeat_with_value="-r --repeat --warmup --pin --user"
    local repeat_without_value="--allow-failures --no-aslr --fixed-env"
    local gate_with_value="--assert --baseline --max-regression --explain --junit"
    local with_value=" -e --events -p --pid -t --tid --name -C --cpu -G --cgroup --for-each-cgroup -I --interval-print --count
        --interval-count -D --delay --control --timeout -o --output --format -x --field-separator --label --max-series
        --backend --replay --tables --log-level $repeat_with_value $gate_with_value --save-baseline --max-runs "
    local without_value="-a --all-cpus -i --no-inherit -A --no-aggr --per-core --per-socket --per-node --per-thread --summary
        --spark --self-overhead --passes --no-multiplex -j --json-output -v --verbose --version -h --help
        $repeat_without_value --calibrate --github"
    local subcommand=''
    # bash breaks words at : and = too, which are parts of names: take them as blanks separate them.
    local line=${COMP_LINE:0:COMP_POINT}
    # What is quoted is one word, whatever is in it: a command of `compare`.
    local quoted="^([^\"']*)('[^']*'|\"[^\"]*\")(.*)\$"
    while [[ $line =~ $quoted ]]; do
        line=${BASH_REMATCH[1]}quoted${BASH_REMATCH[3]}
    done
    local words
    read -r -a words <<<"$line"
    [[ $line == *[[:blank:]] ]] && words+=("")
    local last=$((${#words[@]} - 1)) at
    local word=${words[last]}

    if ((last > 1)); then
        case ${words[1]} in
        list)
            with_value=" --tables --cpu --format --log-level "
            without_value="-h --help"
            ;;
        compare)
            with_value=" -e --events -o --output --format --timeout --backend --tables --log-level $repeat_with_value "
            without_value="--shell --results -h --help $repeat_without_value"
            ;;
        gate)
            with_value=" --input --region -o --output --format --log-level $gate_with_value "
            without_value="--github -h --help"
            ;;
        doctor)
            with_value=" --capture --format --tables --log-level "
            without_value="--self-test -h --help"
            ;;
        esac
        [[ ${words[1]} == @(list|compare|gate|doctor) ]] && subcommand=${words[1]}
    fi
    COMPREPLY=()
    [[ $subcommand == compare && $line == *[\"\']* ]] && return # within a command
    # Where the command begins, its own completion takes over.
    local option='' first=1
    [[ -n $subcommand ]] && first=2
    for ((at = first; at < last; ++at)); do
        if [[ -n $option ]]; then
            option=
        elif [[ $with_value == *[[:space:]]"${words[at]}"[[:space:]]* ]]; then
            option=${words[at]}
        elif [[ ${words[at]} == -- ]]; then
            ((++at))
            break
        elif [[ -z $subcommand && ${words[at]} != -* ]]; then
            break
        fi
    done
    if [[ -z $subcommand && -z $option ]] && { ((at < last)) || [[ ${words[last - 1]} == -- ]]; }; then
        if declare -F _command_offset >/dev/null; then
            _command_offset "$at"
        elif ((at == last)); then
            mapfile -t COMPREPLY < <(compgen -c -- "$word")
        fi
        return
    fi

    if [[ -n $option ]]; then
        _pmcstat_value "$program" "$option" "$word"
    elif [[ $word == --*=* ]]; then
        _pmcstat_value "$program" "${word%%=*}" "${word#*=}"
        COMPREPLY=("${COMPREPLY[@]/#/${word%%=*}=}")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$with_value $without_value" -- "$word")
    elif [[ $subcommand == list ]]; then
        mapfile -t COMPREPLY < <(compgen -W "cpus $(_pmcstat_names "$program")" -- "$word")
    elif [[ $subcommand == compare && " ${words[*]} " == *" --results "* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        compopt -o filenames
    elif [[ $subcommand != @(gate|doctor) ]]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$word")
        ((last == 1)) && mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "list compare gate doctor" -- "$word")
    fi
    # Of what is there already bash replaces only what follows its last break.
    local piece=${COMP_WORDS[COMP_CWORD]}
    [[ $piece == [:=] ]] && piece=
    local kept=${word%"$piece"}
    [[ -n $kept ]] && COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

complete -o default -F _pmcstat pmcstat
