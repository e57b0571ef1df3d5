# Steps that pass or fail, are counted, and leave a log each under build/logs/. Sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2154 # colours, WB_LOGS and the rest come from common.sh, which is sourced first

steps_passed=0
steps_failed=0
steps_failures=()
steps_start=$SECONDS
steps_later_names=()
steps_later_commands=()

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

# What of a log is shown when its step has failed: all from a finding on, or else the end.
step_show_failure() {
    local lines='tail -n 15'
    ! grep -q '^FOUND  ' "$1" || lines="sed -n /^FOUND/,\$p"
    $lines "$1" | head -n 120 | cut -c1-170 | sed 's/^/    | /'
}

# step_ended NAME STATUS SECONDS: counts one, and says behind its name how it went. Returns its status.
step_ended() {
    local name=$1 status=$2 log
    log=$(step_log "$name")
    if [[ $status -eq 0 ]]; then
        steps_passed=$((steps_passed + 1))
        step_result passed "$name" "$3" "$(tail -n 1 "$log" | sed 's/^\[[0-9]*\/\([0-9]*\)\].*/\1 build steps/' | cut -c1-60)"
        return 0
    fi
    steps_failed=$((steps_failed + 1))
    step_result failed "$name" "$3" "log: ${log#"$WB_ROOT"/}"
    step_show_failure "$log"
    return "$status"
}

# step NAME COMMAND...: runs and counts one.
step() {
    local name=$1 start=$SECONDS status=0
    shift
    mkdir -p "$WB_LOGS"
    printf '%-54s ' "$name"
    "$@" >"$(step_log "$name")" 2>&1 </dev/null || status=$?
    step_ended "$name" "$status" $((SECONDS - start))
}

# step_later NAME COMMAND...: for steps_together. Needs nothing that another of them makes.
step_later() {
    steps_later_names+=("$1")
    shift
    steps_later_commands+=("$(printf '%q ' "$@")")
}

# steps_together: runs those that were put off, as many at once as there are processors, and counts each as it ends.
# They have process groups of their own, so that an interruption reaches all of them.
steps_together() {
    local i pid status next=0 count=${#steps_later_names[@]}
    local -A running=() begins=()
    mkdir -p "$WB_LOGS"
    trap 'for pid in "${!running[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done; exit 130' INT TERM HUP
    while [[ $next -lt $count || ${#running[@]} -gt 0 ]]; do
        while [[ $next -lt $count && ${#running[@]} -lt $(processor_count) ]]; do
            set -m
            { eval "${steps_later_commands[next]}" || exit $?; } >"$(step_log "${steps_later_names[next]}")" 2>&1 </dev/null &
            set +m
            running[$!]=$next begins[$!]=$SECONDS
            next=$((next + 1))
        done
        status=0
        wait -n -p pid "${!running[@]}" || status=$?
        i=${running[$pid]}
        printf '%-54s ' "${steps_later_names[i]}"
        step_ended "${steps_later_names[i]}" "$status" $((SECONDS - begins[$pid])) || true
        unset "running[$pid]"
    done
    trap - INT TERM HUP
    steps_later_names=()
    steps_later_commands=()
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
