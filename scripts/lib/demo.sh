# A planted bug, found, explained and replayed, for scripts/run. Sourced, never run.
#
# The bug is in a program that the fuzz target fuzz_scenario_planted runs: a twin of the echo server with a mistake of the
# kind this project is for. Nothing here knows what the mistake is; what is shown is what the tools say about it. The
# twin is known to the command wouldblock_planted only.
# shellcheck shell=bash
# shellcheck disable=SC2154 # what common.sh defines, which is sourced first

demo_target=fuzz_scenario_planted
demo_findings="$WB_BUILD/campaign/demo-findings"
demo_scenario="$WB_BUILD/campaign/planted.scn"
demo_summary=''

# demo_find: a campaign must end with a finding. Writes what it ran to demo_scenario.
demo_find() {
    local status=0 begin log
    build_logged asan "replay_$demo_target" wouldblock "seeds_$demo_target" || return 1
    build_logged fuzz-libfuzzer "$demo_target" || return 1
    begin=$SECONDS
    rm -rf "$demo_findings"
    "$WB_ROOT/scripts/campaign" "$demo_target" --time 120 --jobs "$(processor_count)" --fresh --findings "$demo_findings" || status=$?
    if [[ $status -ne 1 ]]; then
        say "${wb_red}the planted bug was not found${wb_plain} (status $status)"
        return 1
    fi
    demo_seconds=$((SECONDS - begin))
    log=$(find "$demo_findings" -type f -name '*.log' | sort | head -n 1)
    [[ -n $log ]] || return 1
    sed -n '/^---- scenario ----$/,/^---- end ----$/p' "$log" | sed '1d;$d' >"$demo_scenario"
    [[ -s $demo_scenario ]]
}

# shown COMMAND...: prints the command as one would type it, then what it prints, indented and cut.
shown() {
    local status=0
    printf '\n%s$ %s%s\n' "$wb_bold" "${*//"$WB_ROOT/"/}" "$wb_plain"
    "$@" >"$WB_LOGS/demo.txt" 2>&1 || status=$?
    head -n 45 "$WB_LOGS/demo.txt" | sed 's/^/    /'
    if [[ $(wc -l <"$WB_LOGS/demo.txt") -gt 45 ]]; then
        printf '    %s... %d more lines%s\n' "$wb_dim" $(($(wc -l <"$WB_LOGS/demo.txt") - 45)) "$wb_plain"
    fi
    return "$status"
}

show_planted_bug() {
    local command="$WB_BUILD/release/bin/wouldblock_planted" status=0 demo_seconds=0
    demo_find || return 1
    say "As text, to be read, edited and kept:"
    shown cat "$demo_scenario"
    say ""
    say "Run again, judged and told step by step:"
    shown "$command" replay --tolerant "$demo_scenario" || status=$?
    if [[ $status -ne 1 ]]; then
        say "${wb_red}the replay did not fail as it should${wb_plain} (status $status)"
        return 1
    fi
    demo_summary="a planted bug was found in $demo_seconds s; replaying it tells why"
}
