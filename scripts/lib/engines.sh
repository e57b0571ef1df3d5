# The two fuzzing engines behind one set of functions, and the processes they leave behind. Sourced by campaign.
#
# Each engine runs in a session of its own, marked by WB_CAMPAIGN_ID in its environment: AFL++'s fork server starts a
# session of *its* own, so a process group alone would not reach it, and it ignores SIGTERM.
# shellcheck shell=bash
# shellcheck disable=SC2154 # what campaign and common.sh define

engine_pids=()

# start_worker LOG COMMAND...
start_worker() {
    local log=$1
    shift
    WB_CAMPAIGN_ID=$campaign_id setsid "$@" >>"$log" 2>&1 </dev/null &
    engine_pids+=($!)
}

campaign_processes() {
    local file
    for file in $(grep -lszx "WB_CAMPAIGN_ID=$campaign_id" /proc/[0-9]*/environ 2>/dev/null || true); do
        file=${file#/proc/}
        printf '%s\n' "${file%/environ}"
    done
}

engines_alive() {
    local pid
    for pid in "${engine_pids[@]}"; do
        kill -0 "$pid" 2>/dev/null && return 0
    done
    return 1
}

# Asks the engines to end, waits a little, then makes sure that nothing of them is left.
stop_engines() {
    local pid i creators
    [[ ${#engine_pids[@]} -gt 0 ]] || return 0
    creators=" ${engine_pids[*]} $(campaign_processes | tr '\n' ' ')"
    for pid in "${engine_pids[@]}"; do
        kill -TERM -- "-$pid" 2>/dev/null || true
    done
    for ((i = 0; i < 30; i++)); do
        [[ -n $(campaign_processes) ]] || break
        sleep 0.1
    done
    for pid in $(campaign_processes); do
        kill -KILL "$pid" 2>/dev/null || true
    done
    wait "${engine_pids[@]}" 2>/dev/null || true
    engine_pids=()
    sweep_shared_memory "$creators"
}

# Removes System V segments that one of the given processes created: a killed AFL++ leaves its map.
sweep_shared_memory() {
    local creators=$1 segment creator
    ipcs -m -p 2>/dev/null | awk '$1 ~ /^[0-9]+$/ { print $1, $3 }' | while read -r segment creator; do
        if [[ $creators == *" $creator "* ]]; then
            ipcrm -m "$segment" 2>/dev/null || true
        fi
    done
}

dictionary() {
    local file="$WB_ROOT/fuzz/dictionaries/${target%_planted}.dict"
    [[ -f $file ]] && printf '%s' "$file"
}

# --- libFuzzer: one process a job, all on one corpus folder; a process ends at its first finding.

libfuzzer_start() {
    local job
    mkdir -p "$work/corpus" "$work/artifacts"
    for ((job = 1; job <= jobs; job++)); do
        libfuzzer_worker "$job" "$seconds"
    done
}

# libfuzzer_worker JOB SECONDS
libfuzzer_worker() {
    local arguments=("-max_total_time=$2" "-seed=$((seed + $1 - 1))" "-artifact_prefix=$work/artifacts/"
        -timeout=25 -rss_limit_mb=2560 -entropic_scale_per_exec_time=1 -reload=1 -print_final_stats=1 -verbosity=1)
    [[ -z $(dictionary) ]] || arguments+=("-dict=$(dictionary)")
    # Nothing begins to matter before several operations of a few bytes: inputs are not to grow byte by byte.
    [[ ${target%_planted} != fuzz_kernel_fidelity && $target != fuzz_runtime_* ]] || arguments+=(-len_control=0)
    # New units go to the first folder given: never to the seeds.
    start_worker "$work/job-$1.log" env \
        "ASAN_OPTIONS=dedup_token_length=3:handle_abort=1:allocator_may_return_null=1" \
        UBSAN_OPTIONS=print_stacktrace=1 ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-14 \
        "$program" "${arguments[@]}" "$work/corpus" "$work/seeds"
}

# Starts workers again that ended at a finding.
libfuzzer_restart() {
    local left=$1 job=0 pid pids=("${engine_pids[@]}")
    engine_pids=()
    for pid in "${pids[@]}"; do
        job=$((job + 1))
        if kill -0 "$pid" 2>/dev/null; then
            engine_pids+=("$pid")
        else
            seed=$((seed + jobs))
            libfuzzer_worker "$job" "$left"
        fi
    done
}

# Prints: executions, executions a second, edges, corpus size, findings.
libfuzzer_progress() {
    local corpus findings
    corpus=$(find "$work/corpus" -type f | wc -l)
    findings=$(libfuzzer_findings | wc -l)
    for ((job = 1; job <= jobs; job++)); do
        grep -aE '^(#[0-9]|stat::number_of_executed_units)' "$work/job-$job.log" || true
        printf 'end\n'
    done | awk -v corpus="$corpus" -v findings="$findings" '
        /^#/ {
            current = substr($1, 2)
            for (i = 2; i < NF; i++) {
                if ($i == "exec/s:") speed = $(i + 1)
                if ($i == "cov:" && $(i + 1) > edges) edges = $(i + 1)
            }
        }
        /^stat/ { execs += $2; current = 0 }
        /^end/ { execs += current; rate += speed; current = speed = 0 }
        END { print execs + 0, rate + 0, edges + 0, corpus, findings }'
}

libfuzzer_findings() {
    find "$work/artifacts" -type f \( -name 'crash-*' -o -name 'leak-*' -o -name 'timeout-*' -o -name 'oom-*' \) | sort
}

# --- AFL++: job 1 explores, the others help; all share one output folder.

# A library of mutations that know the format, where the target has one.
afl_mutator() {
    [[ -z ${mutator_target:-} ]] || printf '%s/fuzz-afl/lib/%s.so' "$WB_BUILD" "$mutator_target"
}

afl_start() {
    local job arguments mutator
    mutator=$(afl_mutator)
    [[ -n $(find "$work/seeds" -type f -size +0c | head -n 1) ]] || printf 'seed' >"$work/seeds/first"
    for ((job = 1; job <= jobs; job++)); do
        # -t: the engine's own guess is tens of milliseconds, too short beside a busy neighbour.
        arguments=(-i "$work/seeds" -o "$work/out" -S "job$job" -V "$seconds" -t 5000 -s "$((seed + job - 1))")
        [[ -z $(dictionary) ]] || arguments+=(-x "$(dictionary)")
        ((job % 2 == 1)) || arguments+=(-p explore)
        # Without NO_AFFINITY a busy machine is a fatal error, and campaigns that begin together choose the same
        # processor; without the rest a core_pattern, a governor are fatal.
        start_worker "$work/job-$job.log" env -u ASAN_OPTIONS -u UBSAN_OPTIONS \
            AFL_NO_UI=1 AFL_NO_COLOR=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 \
            AFL_SYNC_TIME=1 AFL_FORKSRV_INIT_TMOUT=30000 AFL_IGNORE_UNKNOWN_ENVS=1 AFL_FAST_CAL=1 \
            ${afl_until_crash:+AFL_BENCH_UNTIL_CRASH=1} ${mutator:+"AFL_CUSTOM_MUTATOR_LIBRARY=$mutator"} \
            afl-fuzz "${arguments[@]}" -- "$program"
    done
}

afl_restart() {
    : # a worker goes on after a finding
}

# plot_data is written every few seconds, but not in the first minute; fuzzer_stats once a minute.
afl_progress() {
    local findings rows
    findings=$(afl_findings | wc -l)
    rows=$(find "$work/out" -name plot_data -exec sh -c 'grep -v "^#" "$1" | tail -n 1' sh {} \; 2>/dev/null || true)
    if [[ -z $rows ]]; then
        afl_first_progress "$findings"
        return
    fi
    tr -d ' %' <<<"$rows" | awk -F, -v findings="$findings" '
        { corpus = $4 > corpus ? $4 : corpus; rate += $1 > 0 ? $12 / $1 : $11; execs += $12; edges = $13 > edges ? $13 : edges }
        END { print execs + 0, int(rate), edges + 0, corpus + 0, findings }'
}

# What the names of the inputs kept so far say: job1/queue/id:000076,src:000011,time:9,execs:329,op:havoc. Edges are not
# known from them.
afl_first_progress() {
    { find "$work/out" -path '*/queue/id:*' -printf '%P\n' 2>/dev/null || true; } | awk -F, -v findings="$1" '
        {
            job = $1
            sub(/\/.*/, "", job)
            if (++count[job] > corpus) corpus = count[job]
            for (i = 2; i <= NF; i++) {
                value = $i
                sub(/.*:/, "", value)
                if ($i ~ /^time:/ && value + 0 > time[job]) time[job] = value + 0
                if ($i ~ /^execs:/ && value + 0 > execs[job]) execs[job] = value + 0
            }
        }
        END {
            for (job in execs) {
                sum += execs[job]
                if (time[job] > 0) rate += execs[job] * 1000 / time[job]
            }
            print sum + 0, int(rate), "?", corpus + 0, findings
        }'
}

afl_findings() {
    find "$work/out" -type f \( -path '*/crashes/id:*' -o -path '*/hangs/id:*' \) 2>/dev/null | sort || true
}
