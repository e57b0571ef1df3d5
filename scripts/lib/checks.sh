# The checks that scripts/test and scripts/dev are made of. Sourced, never run.
# shellcheck shell=bash
# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=scripts/lib/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

check_format() {
    c_files | xargs clang-format --dry-run -Werror
    echo "$(c_files | wc -l) files"
}

check_scripts() {
    (cd "$WB_ROOT" && find scripts .ci -maxdepth 1 -type f -print0 | xargs -0 shellcheck -x)
    echo "$(find "$WB_ROOT/scripts" "$WB_ROOT/.ci" -type f | wc -l) scripts"
}

# run_scenarios PRESET: all of them as they say, then in each trigger mode with the outcomes compared.
run_scenarios() {
    local command="$WB_BUILD/$1/bin/wouldblock" status=0
    (cd "$WB_ROOT" && "$command" run --no-save scenarios) || status=1
    (cd "$WB_ROOT" && "$command" run --no-save --trigger all scenarios) || status=1
    return "$status"
}

# show_semantics PRESET: the rules of readiness, the simulated kernel beside this machine's. Much of it is waiting: both
# families at once.
show_semantics() {
    local command="$WB_BUILD/$1/bin/wouldblock" status=0 other=''
    if [[ -e /proc/net/if_inet6 ]]; then
        "$command" semantics -q --family 6 &
        other=$!
    fi
    "$command" semantics -q || status=1
    [[ -z $other ]] || wait "$other" || status=1
    return "$status"
}

# write_hashes PRESET: one line a scenario, its verdict and the hash of its trace.
write_hashes() {
    (cd "$WB_ROOT" && "$WB_BUILD/$1/bin/wouldblock" run --no-save --hash scenarios) >"$WB_LOGS/hashes-$1.txt"
}

# compare_hashes PRESET...: the same scenario does the same, whoever compiled it and however.
compare_hashes() {
    local preset first=$1
    for preset in "$@"; do
        write_hashes "$preset" || true # a verdict that fails is another step's matter
        [[ -s $WB_LOGS/hashes-$preset.txt ]] || return 1
        if grep -E '^-{16}' "$WB_LOGS/hashes-$preset.txt"; then
            echo "$preset: a run died"
            return 1
        fi
        grep -qE '[0-9a-f]{16}' "$WB_LOGS/hashes-$preset.txt" || { echo "no hash was printed"; return 1; }
        diff -u "$WB_LOGS/hashes-$first.txt" "$WB_LOGS/hashes-$preset.txt" || return 1
    done
    echo "$(grep -cE '[0-9a-f]{16}' "$WB_LOGS/hashes-$first.txt") hashes, equal in: $*"
}

# instrumented_places LIBRARY: how many there are in a library that guide an engine.
instrumented_places() {
    objdump -dr "$1" | grep -cE '__afl_area_ptr|__sancov_|__sanitizer_cov_' || true
}

# check_instrumentation ENGINE: the stack guides the fuzzer, the simulator does not.
check_instrumentation() {
    local lib="$WB_BUILD/fuzz-$1/lib" name places status=0
    for name in wbh_choice wbh_kernel wbh_fault wbh_fidelity wbh_run wbh_oracle; do
        places=$(instrumented_places "$lib/lib$name.a")
        [[ $places -eq 0 ]] || { echo "$name: $places places, expected none"; status=1; }
    done
    for name in wb_reactor wb_examples; do
        places=$(instrumented_places "$lib/lib$name.a")
        [[ $places -gt 0 ]] || { echo "$name: not instrumented"; status=1; }
        echo "$name: $places places"
    done
    return "$status"
}

# campaign_finds TARGET ENGINE: the alarm rings; the canary, and targets with a planted bug, must be found.
campaign_finds() {
    local status=0
    "$WB_ROOT/scripts/campaign" "$1" --built --engine "$2" --time 60 --fresh \
        --findings "$WB_BUILD/campaign/alarm-findings" || status=$?
    [[ $status -eq 1 ]] || { echo "$1 was not found: status $status"; return 1; }
}

scenarios_exist() {
    [[ -n $(find "$WB_ROOT/scenarios" -name '*.scn' 2>/dev/null | head -n 1) ]]
}
