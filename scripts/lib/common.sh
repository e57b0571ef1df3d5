# Shared by the scripts: where the project is, how to speak, how to build. Sourced, never run.
# shellcheck shell=bash

WB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WB_BUILD="$WB_ROOT/build"
WB_LOGS="$WB_BUILD/logs"
export LC_ALL=C

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    wb_bold=$'\e[1m' wb_green=$'\e[32m' wb_red=$'\e[31m' wb_dim=$'\e[2m' wb_plain=$'\e[0m'
else
    wb_bold='' wb_green='' wb_red='' wb_dim='' wb_plain=''
fi

say() {
    printf '%s\n' "$*"
}

title() {
    printf '\n%s%s%s\n' "$wb_bold" "$*" "$wb_plain"
}

die() {
    local status=$1
    shift
    printf '%serror:%s %s\n' "$wb_red" "$wb_plain" "$*" >&2
    exit "$status"
}

# print_help FILE: the comment at the top of a script is its manual.
print_help() {
    sed -n '2,/^$/{ s/^# \{0,1\}//p }' "$1"
}

# wants_help FILE ARGUMENTS...
wants_help() {
    local script=$1 argument
    shift
    for argument in "$@"; do
        if [[ $argument == --help || $argument == -h ]]; then
            print_help "$script"
            exit 0
        fi
    done
}

# settle_address_space SCRIPT ARGUMENTS...: where the kernel randomises more than 28 bits of addresses, the sanitizers
# of LLVM 14 crash at random; there a script runs itself again without randomisation.
settle_address_space() {
    local bits
    bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)
    if [[ $bits -gt 28 && -z ${WB_ADDRESS_SPACE_SETTLED:-} ]]; then
        WB_ADDRESS_SPACE_SETTLED=1 exec setarch -R "$@"
    fi
}

processor_count() {
    nproc 2>/dev/null || echo 2
}

# A whole number above zero?
is_count() {
    [[ $1 =~ ^[1-9][0-9]{0,8}$ ]]
}

# configure PRESET
configure() {
    cmake -S "$WB_ROOT" --preset "$1"
}

# build PRESET [TARGET...]: configures as well; all targets if none is named.
build() {
    local preset=$1
    shift
    (cd "$WB_ROOT" && configure "$preset" && cmake --build "$WB_BUILD/$preset" --parallel "$(processor_count)" \
        ${1:+--target "$@"})
}

# build_logged PRESET [TARGET...]: one line on the screen, the rest in the log.
build_logged() {
    local log="$WB_LOGS/build-$1.log"
    mkdir -p "$WB_LOGS"
    printf '%-60s ' "building $1 ${*:2}"
    local start=$SECONDS
    if build "$@" >"$log" 2>&1; then
        printf '%sdone%s %s%ds%s\n' "$wb_green" "$wb_plain" "$wb_dim" $((SECONDS - start)) "$wb_plain"
    else
        printf '%sFAILED%s\n' "$wb_red" "$wb_plain"
        tail -n 30 "$log" >&2
        say "whole log: ${log#"$WB_ROOT"/}" >&2
        return 1
    fi
}

# fuzz_targets PRESET [KIND]: the names of all targets of that kind, "canary" or "planted", one a line; without one,
# those that are to find nothing.
fuzz_targets() {
    local list="$WB_BUILD/$1/fuzz-targets.txt"
    [[ -f $list ]] && awk -v kind="${2:-}" '$2 == kind { print $1 }' "$list"
}

# Lists the project's own C files, tracked or not yet.
c_files() {
    find "$WB_ROOT/target" "$WB_ROOT/harness" "$WB_ROOT/fuzz" "$WB_ROOT/cmake" "$WB_ROOT/scripts" -name '*.[ch]' -type f | sort
}
