# What becomes of a finding: replayed under sanitizers, told apart from the others, kept under a name that says what it
# is. Sourced by campaign.
# shellcheck shell=bash
# shellcheck disable=SC2154 # what campaign and common.sh define

finding_count=0
declare -A finding_signatures=()

# replay LOG ARGUMENTS...: the status of the replay driver; 124 when it takes too long. The shell between is the one
# that says "Aborted": into the log.
replay() {
    local log=$1
    shift
    env -u ASAN_OPTIONS -u UBSAN_OPTIONS ${show_text:+WB_FUZZ_TEXT=1} ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-14 \
        bash -c '"$@"; exit $?' replay timeout -k 5 60 "$replayer" "$@" >"$log" 2>&1
}

# signature STATUS LOG: what was found and in which functions; equal for two findings if they look like the same bug.
signature() {
    if [[ $1 -eq 124 ]]; then
        printf 'takes longer than 60 s'
        return
    fi
    awk -v status="$1" '
        kind == "" && match($0, /Assertion .* failed|runtime error: .*|^verdict  .*/) { kind = substr($0, RSTART, RLENGTH) }
        kind == "" && match($0, /ERROR: [A-Za-z]+Sanitizer: [A-Za-z-]+/) {
            kind = substr($0, RSTART, RLENGTH)
            sub(/.*: /, "", kind)
        }
        $1 ~ /^#[0-9]+$/ && $3 == "in" && $4 !~ /^(__|raise$|abort$|mem|str|LLVMFuzzer|run_(input|file|path|folder|smoke)$|main$|_start$)/ && frames < 3 {
            where = where (frames++ ? " < " : " in ") $4
        }
        /^DEDUP_TOKEN/ { frames = 3 } # the stacks that follow are not of the fault
        END {
            gsub(/0x[0-9a-f]+/, "ADDRESS", kind)
            print substr((kind == "" ? "exit status " status : kind) where, 1, 200)
        }' "$2"
}

# keep_finding FILE: replays and, if its signature is new, keeps the input and its report.
keep_finding() {
    local input=$1 hash log status=0 text show_text=1
    hash=$(sha256sum "$input" | cut -c1-16)
    log="$work/replay-$hash.log"
    replay "$log" "$input" || status=$?
    if [[ $status -eq 0 ]]; then
        text="does not repeat under AddressSanitizer and UndefinedBehaviorSanitizer"
    else
        text=$(signature "$status" "$log")
    fi
    if [[ -n ${finding_signatures[$text]:-} ]]; then
        return
    fi
    finding_signatures[$text]=1
    finding_count=$((finding_count + 1))
    mkdir -p "$findings"
    cp "$input" "$findings/$target-$hash"
    cp "$log" "$findings/$target-$hash.log"
    sed -n '/^---- scenario ----$/,/^---- end ----$/{//!p}' "$log" >"$findings/$target-$hash.scn"
    [[ -s $findings/$target-$hash.scn ]] || rm "$findings/$target-$hash.scn"
    sed -n '/^---- operations ----$/,/^---- end ----$/{//!p}' "$log" >"$findings/$target-$hash.ops"
    [[ -s $findings/$target-$hash.ops ]] || rm "$findings/$target-$hash.ops"
    [[ $status -ne 0 ]] || engine_story >"$findings/$target-$hash.story"
    print_finding "$findings/$target-$hash" "$text" "$status"
}

print_finding() {
    local path=${1#"$WB_ROOT"/} text=$2 status=$3
    printf '\n%sFOUND%s  %s\n' "$wb_red$wb_bold" "$wb_plain" "$text"
    printf '  input    %s (%d bytes), report %s.log\n' "$path" "$(stat -c %s "$1")" "$path"
    if [[ $status -eq 0 ]]; then
        printf '  An input that does not repeat means that the target is not deterministic, or that the real kernel is not, which\n'
        printf '  fuzz_kernel_fidelity compares with: a bug of its own kind. What the engine saw the first time:\n'
        sed 's/^/    /' "$1.story"
    fi
    printf '  replay   %s %s\n' "${replayer#"$WB_ROOT"/}" "$path"
    if [[ -f $1.scn ]]; then
        print_text "$1.scn" replay --tolerant
    elif [[ -f $1.ops ]]; then
        print_text "$1.ops" fidelity
        printf '  ---- %s ----\n' "$path.ops"
        sed 's/^/  /' "$1.ops"
    fi
}

# engine_story: what the target said before it died under libFuzzer; AFL++ keeps nothing of it.
engine_story() {
    local log
    for log in "$work"/job-*.log; do
        grep -a -m 1 -B 100 'ERROR: ' "$log" | grep -avE '^(#[0-9]|INFO: |==|=====|\s*NEW_FUNC)' | tail -n 90 || true
    done
}

# print_text FILE SUBCOMMAND...: how it is replayed as text, by a command that is built and knows its program. No command
# knows a bug that was linked into a target, which is called TARGET_planted.
print_text() {
    local path=${1#"$WB_ROOT"/} name=wouldblock preset
    if grep -q '^program planted_' "$1"; then
        name=wouldblock_planted
    elif [[ $target == fuzz_*_planted ]]; then
        return
    fi
    for preset in release dev asan; do
        if [[ -x $WB_BUILD/$preset/bin/$name ]]; then
            printf '  explain  build/%s/bin/%s %s %s\n' "$preset" "$name" "${*:2}" "$path"
            return
        fi
    done
    printf '  text     %s\n' "$path"
}

# leave_out_seeds: of a twin the bug is known, and what is to be proved is that the engine finds it: seeds that show it by
# themselves are left out.
leave_out_seeds() {
    local log="$work/seeds.log" culprit seeds count=0
    mapfile -t seeds < <(find "$work/seeds" -type f | sort)
    while [[ ${#seeds[@]} -gt 0 ]] && ! replay "$log" "${seeds[@]}"; do
        culprit=$(sed -n 's/^replay: died while running //p' "$log" | tail -n 1)
        [[ -f $culprit ]] || die 3 "the seeds cannot be replayed: $(tail -n 1 "$log") (${log#"$WB_ROOT"/})"
        while [[ ${seeds[0]} != "$culprit" ]]; do
            seeds=("${seeds[@]:1}")
        done
        seeds=("${seeds[@]:1}")
        rm -f "$culprit"
        count=$((count + 1))
    done
    [[ $count -eq 0 ]] || say "$count of them left out, which show the planted bug by themselves"
}

# check_seeds: a seed that finds something by itself is a finding and would stop every engine at once.
check_seeds() {
    local log="$work/seeds.log" culprit
    while ! replay "$log" --smoke "$work/seeds"; do
        culprit=$(sed -n 's/^replay: died while running //p' "$log" | tail -n 1)
        [[ $culprit != "("* ]] || die 1 "$target fails on the built-in input $culprit: see ${log#"$WB_ROOT"/}"
        [[ -f $culprit ]] || die 3 "the seeds cannot be replayed: $(tail -n 1 "$log") (${log#"$WB_ROOT"/})"
        keep_finding "$culprit"
        [[ $finding_count -gt 0 ]] || die 3 "$culprit kills a replay of all seeds, but not one of itself"
        rm -f "$culprit"
    done
}
