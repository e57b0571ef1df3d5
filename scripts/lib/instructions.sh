# User instructions and system calls of the echo servers, a round trip, and instructions of the runtime's and the codec's
# operations: two runs of different length, and their difference. Needs valgrind and strace; without one of them its
# column stays empty. Sourced, never run.
# shellcheck shell=bash

WB_TRIPS_SHORT=500
WB_TRIPS_LONG=2500

# drive_server TRIPS COMMAND...: starts the server (in its own words, perhaps under a tool), sends lines to it over one
# connection, each once the server sleeps, ends it.
drive_server() {
    local trips=$1 output pid port=''
    shift
    output=$(mktemp)
    "$@" >"$output" 2>/dev/null &
    pid=$!
    for _ in {1..200}; do
        port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$output")
        [[ -z $port ]] || break
        sleep 0.05
    done
    rm -f "$output"
    if [[ -n $port ]]; then
        "$WB_BENCH_BIN/bench_echo" --drive "$port" "$pid" "$trips"
    fi
    kill -TERM "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    [[ -n $port ]]
}

# What callgrind wrote into a file, which is then removed.
take_total() {
    sed -n 's/^totals: *\([0-9]*\).*/\1/p; s/^summary: *\([0-9]*\).*/\1/p' "$1" | head -n 1
    rm -f "$1"
}

count_instructions() {
    local file
    file=$(mktemp)
    drive_server "$1" valgrind --tool=callgrind --callgrind-out-file="$file" "${@:2}" || true
    take_total "$file"
}

# The server is told to stop by strace's own end: -D leaves it the shell's child.
count_system_calls() {
    local file
    file=$(mktemp)
    drive_server "$1" strace -D -o "$file" "${@:2}" || true
    grep -c '^[a-z]' "$file"
    rm -f "$file"
}

# a_trip COUNTER COMMAND...
a_trip() {
    local counter=$1 short long
    shift
    short=$("$counter" "$WB_TRIPS_SHORT" "$@")
    long=$("$counter" "$WB_TRIPS_LONG" "$@")
    awk -v s="${short:-0}" -v l="${long:-0}" -v n=$((WB_TRIPS_LONG - WB_TRIPS_SHORT)) 'BEGIN { printf "%.1f", (l - s) / n }'
}

# print_costs NAME COMMAND...: rows as the measuring programs print them.
print_costs() {
    local name=$1
    shift
    if command -v valgrind >/dev/null; then
        printf '%s\t%s\tuser instructions/trip\t-\t-\t-\n' "$name" "$(a_trip count_instructions "$@")"
    fi
    if command -v strace >/dev/null; then
        printf '%s\t%s\tsystem calls/trip\t-\t-\t-\n' "$name" "$(a_trip count_system_calls "$@")"
    fi
}

# instructions_an_operation NAME COMMAND...: the command is given a number of operations as its last argument.
instructions_an_operation() {
    local few=20000 many=60000 count file totals=()
    for count in "$few" "$many"; do
        file=$(mktemp)
        valgrind --tool=callgrind --callgrind-out-file="$file" "$@" "$count" >/dev/null 2>&1 || true
        totals+=("$(take_total "$file")")
    done
    awk -v few="${totals[0]:-0}" -v many="${totals[1]:-0}" -v n=$((many - few)) 'BEGIN { printf "%.1f", (many - few) / n }'
}

# runtime_costs BIN: on one thread, where they are the same in each run; tokio's beside them if its peer is there.
runtime_costs() {
    local bin=$1 name ours theirs
    command -v valgrind >/dev/null || return 0
    for name in $("$bin/bench_runtime" --list); do
        case $name in
            size-* | *-many | timer-move) continue ;; # sizes; a million timers take too long
        esac
        ours=$(instructions_an_operation "$bin/bench_runtime" --once "$name")
        if [[ -x $bin/bench_tokio ]]; then
            theirs=$(instructions_an_operation "$bin/bench_tokio" "$name" one)
            awk -v OFS='\t' -v name="$name" -v ours="$ours" -v theirs="$theirs" \
                'BEGIN { print name, ours, "instructions", "-", sprintf("%.3f", theirs / ours), "tokio", theirs }'
        else
            printf '%s\t%s\tinstructions\t-\t-\t-\n' "$name" "$ours"
        fi
    done
}

# http_parse_costs BIN: an operation each; httparse's and http-parser's beside ours where they are there.
http_parse_costs() {
    local bin=$1 name ours theirs file
    command -v valgrind >/dev/null || return 0
    for name in hello minimal browser; do
        ours=$(instructions_an_operation "$bin/bench_http_parse" --once "parse-$name")
        if "$bin/bench_http_parse" --list | grep -qx "http-parser-$name"; then
            theirs=$(instructions_an_operation "$bin/bench_http_parse" --once "http-parser-$name")
            print_beside "parse $name" "$ours" http-parser "$theirs"
        fi
        if [[ -x $bin/bench_httparse ]]; then
            file=$(mktemp)
            "$bin/bench_http_parse" --request "$name" >"$file"
            theirs=$(instructions_an_operation "$bin/bench_httparse" "$file")
            rm -f "$file"
            print_beside "parse $name" "$ours" httparse "$theirs"
        fi
    done
    for name in response chunks encode fill; do
        ours=$(instructions_an_operation "$bin/bench_http_parse" --once "$name")
        printf '%s\t%s\tuser instructions\t-\t-\t-\n' "$name" "$ours"
    done
}

# print_beside NAME OURS WHOSE THEIRS
print_beside() {
    awk -v OFS='\t' -v name="$1" -v ours="$2" -v whose="$3" -v theirs="$4" \
        'BEGIN { print name, ours, "user instructions", "-", sprintf("%.3f", theirs / ours), whose, theirs }'
}

# echo_costs BIN
echo_costs() {
    WB_BENCH_BIN=$1
    local mode
    for mode in level edge edge-oneshot steps; do
        print_costs "epoll $mode" "$WB_BENCH_BIN/echo_epoll" "$mode"
    done
    [[ ! -x $WB_BENCH_BIN/echo_libuv ]] || print_costs libuv "$WB_BENCH_BIN/echo_libuv"
    for mode in level edge oneshot edge-oneshot; do
        print_costs "ping_pong $mode" "$WB_BENCH_BIN/ping_pong" --listen 127.0.0.1:0 --trigger "$mode"
    done
}

# task_echo_costs BIN
task_echo_costs() {
    WB_BENCH_BIN=$1
    [[ ! -x $WB_BENCH_BIN/bench_tokio ]] || print_costs 'tokio echo' "$WB_BENCH_BIN/bench_tokio" echo one
    print_costs 'runtime echo' "$WB_BENCH_BIN/echo_runtime" one
}
