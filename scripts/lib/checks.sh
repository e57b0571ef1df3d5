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

# run_scenarios PRESET: all of them, in each trigger mode.
run_scenarios() {
    local command="$WB_BUILD/$1/bin/wouldblock" trigger status=0
    (cd "$WB_ROOT" && "$command" run scenarios) || status=1
    for trigger in level edge oneshot edge-oneshot; do
        echo "--- trigger $trigger"
        (cd "$WB_ROOT" && "$command" run --trigger "$trigger" scenarios) || status=1
    done
    return "$status"
}

# write_hashes PRESET: one line a scenario, its verdict and the hash of its trace.
write_hashes() {
    (cd "$WB_ROOT" && "$WB_BUILD/$1/bin/wouldblock" run --hash scenarios) >"$WB_LOGS/hashes-$1.txt"
}

# compare_hashes PRESET...: the same scenario does the same, whoever compiled it and however.
compare_hashes() {
    local preset first=$1
    for preset in "$@"; do
        write_hashes "$preset" || true # a verdict that fails is another step's matter
        [[ -s $WB_LOGS/hashes-$preset.txt ]] || return 1
        grep -qE '[0-9a-f]{16}' "$WB_LOGS/hashes-$preset.txt" || { echo "no hash was printed"; return 1; }
        diff -u "$WB_LOGS/hashes-$first.txt" "$WB_LOGS/hashes-$preset.txt" || return 1
    done
    echo "$(grep -cE '[0-9a-f]{16}' "$WB_LOGS/hashes-$first.txt") hashes, equal in: $*"
}

# The alarm rings: a campaign on the canary must find it.
campaign_finds_canary() {
    local status=0
    "$WB_ROOT/scripts/campaign" fuzz_canary --engine "$1" --time 30 --fresh \
        --findings "$WB_BUILD/campaign/canary-findings" || status=$?
    [[ $status -eq 1 ]] || { echo "the canary was not found: status $status"; return 1; }
    echo "found, as it must be"
}

scenarios_exist() {
    [[ -n $(find "$WB_ROOT/scenarios" -name '*.scn' 2>/dev/null | head -n 1) ]]
}
