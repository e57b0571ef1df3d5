# How fast inputs are executed: under libFuzzer, and by the replay programs. Sourced, never run.
# shellcheck shell=bash

WB_FUZZ_SECONDS=5
WB_FUZZ_ROUNDS=3

# encode_seeds FOLDER: the echo scenarios as inputs.
encode_seeds() {
    local scenario
    for scenario in "$WB_ROOT"/scenarios/echo/*.scn; do
        "$WB_BUILD/release/bin/wouldblock" encode "$scenario" >"$1/$(basename "$scenario" .scn)" || return 1
    done
}

# executions_a_second PROGRAM SEEDS: of processor time, from the engine's own count. The folder of new finds is thrown
# away, so that each round begins with the same seeds.
executions_a_second() {
    local program=$1 seeds=$2 finds log
    finds=$(mktemp -d)
    log=$finds/log
    mkdir "$finds/new"
    {
        TIMEFORMAT='cpu: %U %S'
        time taskset -c 1 "$program" -seed=1 -max_len=4096 -max_total_time="$WB_FUZZ_SECONDS" -print_final_stats=1 \
            -artifact_prefix="$finds/" "$finds/new" "$seeds"
    } >"$log" 2>&1 || say "$(basename "$program") ended before its time: $(grep -m 1 -E 'ERROR|SUMMARY' "$log")" >&2
    awk '/^stat::number_of_executed_units:/ { n = $2 } /^cpu:/ { cpu = $2 + $3 } END { if (cpu <= 0) exit 1; printf "%.0f\n", n / cpu }' "$log" ||
        { tail -n 20 "$log" >&2; rm -rf "$finds"; return 1; }
    rm -rf "$finds"
}

median_of() {
    sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

fuzz_speed() {
    local bin="$WB_BUILD/fuzz-plain/bin" seeds round target nothing
    local -a targets=() nothings=()
    seeds=$(mktemp -d)
    encode_seeds "$seeds" || return 1
    for ((round = 0; round < WB_FUZZ_ROUNDS; round++)); do
        targets+=("$(executions_a_second "$bin/fuzz_scenario_echo" "$seeds")") || return 1
        nothings+=("$(executions_a_second "$bin/bench_fuzz_nothing" "$seeds")") || return 1
    done
    rm -rf "$seeds"
    target=$(printf '%s\n' "${targets[@]}" | median_of)
    nothing=$(printf '%s\n' "${nothings[@]}" | median_of)
    printf 'a target that does nothing\t%s\texecutions/CPU s\t-\t-\t-\n' "$nothing"
    printf 'fuzz_scenario_echo\t%s\texecutions/CPU s\t-\t%s\ta target that does nothing\n' "$target" \
        "$(awk -v a="$target" -v b="$nothing" 'BEGIN { printf "%.3f", a / b }')"
}

# timed_replay PROGRAM REPEATS FOLDER-OR-FILE: executions, and the processor time they took, in seconds.
timed_replay() {
    local TIMEFORMAT='cpu: %U %S'
    { time "$1" --repeat "$2" "$3"; } 2>&1 | awk '/ executions in / { n = $1 } /^cpu:/ { print n, $2 + $3 + 0.0005 }'
}

# replay_speed PROGRAM FOLDER-OR-FILE WHAT: a row; as many repeats as fill about a second.
replay_speed() {
    local n cpu
    read -r n cpu < <(timed_replay "$1" 10 "$2")
    read -r n cpu < <(timed_replay "$1" "$(awk -v s="$cpu" 'BEGIN { n = int(10 / s); print n < 2 ? 2 : n }')" "$2")
    printf '%s, %s\t%.0f\texecutions/CPU s\t-\t-\t-\n' "$(basename "$1")" "$3" \
        "$(awk -v n="$n" -v s="$cpu" 'BEGIN { print n / s }')"
}

# replay_speeds BIN: of every target that has a corpus, and on the scenarios where a target runs scenarios.
replay_speeds() {
    local target seeds
    seeds=$(mktemp -d)
    encode_seeds "$seeds" || return 1
    while IFS= read -r target; do
        [[ ! -d $WB_ROOT/corpus/$target ]] || replay_speed "$1/replay_$target" "$WB_ROOT/corpus/$target" "its corpus"
        [[ $target != fuzz_scenario_echo ]] || {
            replay_speed "$1/replay_$target" "$seeds" "all echo scenarios"
            replay_speed "$1/replay_$target" "$seeds/one_line" "one_line.scn"
        }
    done < <(fuzz_targets release)
    rm -rf "$seeds"
}
