# Steps that pass or fail, are counted, and leave a log each under build/logs/. Sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2154 # colours, WB_LOGS and the rest come from common.sh, which is sourced first

steps_passed=0
steps_failed=0
steps_failures=()
steps_start=$SECONDS

# step_name -> file name of its log
step_log() {
    local slug=${1//[^A-Za-z0-9]/-}
    slug=$(tr -s - <<<"$slug")
    printf '%s/%s.log' "$WB_LOGS" "${slug%-}"
}

step_result() {
    local outcome=$1 name=$2 seconds=$3 detail=${4:-}
    if [[ $outcome == passed ]]; then
        printf '%spassed%s %s%4ds  %s%s\n' "$wb_green" "$wb_plain" "$wb_dim" "$seconds" "$detail" "$wb_plain"
    else
        printf '%sFAILED%s %4ds  %s\n' "$wb_red" "$wb_plain" "$seconds" "$detail"
        steps_failures+=("$name")
    fi
}

# step NAME COMMAND...: counts one.
step() {
    local name=$1 start=$SECONDS log
    shift
    log=$(step_log "$name")
    mkdir -p "$WB_LOGS"
    printf '%-54s ' "$name"
    if "$@" >"$log" 2>&1 </dev/null; then
        steps_passed=$((steps_passed + 1))
        step_result passed "$name" $((SECONDS - start)) "$(tail -n 1 "$log" | sed 's/^\[[0-9]*\/\([0-9]*\)\].*/\1 build steps/' | cut -c1-60)"
        return 0
    fi
    steps_failed=$((steps_failed + 1))
    step_result failed "$name" $((SECONDS - start)) "log: ${log#"$WB_ROOT"/}"
    tail -n 15 "$log" | cut -c1-170 | sed 's/^/    | /'
    return 1
}

# junit_number FILE ATTRIBUTE: of the first <testsuite> element, which may span lines.
junit_number() {
    tr '\n\t' '  ' <"$1" | grep -o "<testsuite [^>]*" | head -n 1 | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9]*'
}

# step_ctest NAME PRESET CTEST-ARGUMENTS...: counts every test of it.
step_ctest() {
    local name=$1 preset=$2 start=$SECONDS log junit total failed skipped status=0
    shift 2
    log=$(step_log "$name")
    junit="${log%.log}.xml"
    mkdir -p "$WB_LOGS"
    rm -f "$junit"
    printf '%-54s ' "$name"
    ctest --test-dir "$WB_BUILD/$preset" --no-tests=error --output-on-failure --parallel "$(processor_count)" \
        --output-junit "$junit" "$@" >"$log" 2>&1 </dev/null || status=$?
    total=0 failed=0 skipped=0
    if [[ -f $junit ]]; then
        total=$(junit_number "$junit" tests)
        failed=$(junit_number "$junit" failures)
        skipped=$(($(junit_number "$junit" skipped) + $(junit_number "$junit" disabled)))
    fi
    if [[ $status -ne 0 && $failed -eq 0 ]]; then
        failed=1 total=$((total + 1)) # ctest itself failed
    fi
    steps_failed=$((steps_failed + failed))
    steps_passed=$((steps_passed + total - failed - skipped))
    if [[ $failed -eq 0 ]]; then
        step_result passed "$name" $((SECONDS - start)) "$((total - skipped)) tests, $skipped skipped"
        return 0
    fi
    step_result failed "$name" $((SECONDS - start)) "$failed of $total tests, log: ${log#"$WB_ROOT"/}"
    sed -n '/The following tests FAILED/,$p' "$log" | head -n 20 | sed 's/^/    | /'
    return 1
}

# steps_missing NAME WHAT: an ingredient of a step is not there; that is a failure.
steps_missing() {
    steps_failed=$((steps_failed + 1))
    printf '%-54s %sMISSING%s %s\n' "$1" "$wb_red" "$wb_plain" "$2"
    steps_failures+=("$1 (missing: $2)")
}

# steps_end: the summary; its last line is what machines read. Returns 1 if anything failed.
steps_end() {
    local seconds=$((SECONDS - steps_start)) failure
    title "Summary"
    printf 'took %d min %02d s; logs in build/logs/\n' $((seconds / 60)) $((seconds % 60))
    for failure in "${steps_failures[@]}"; do
        printf '%sfailed:%s %s\n' "$wb_red" "$wb_plain" "$failure"
    done
    printf '%d passed, %d failed\n' "$steps_passed" "$steps_failed"
    [[ $steps_failed -eq 0 ]]
}
