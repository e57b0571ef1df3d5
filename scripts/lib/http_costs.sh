# What a request costs the servers of HTTP that scripts/bench measures: user instructions (valgrind) and system calls
# (strace), each the difference of two runs of different length, by the number of requests between. Sourced, never run.
# shellcheck shell=bash
# shellcheck source=scripts/lib/instructions.sh
source "$(dirname "${BASH_SOURCE[0]}")/instructions.sh"

WB_REQUESTS_FEW=320
WB_REQUESTS_MANY=1600

# end_server PID: again and again, since some look for a signal that has come only before they wait. Dead after ten seconds.
end_server() {
    local i
    for ((i = 0; i < 100; i++)); do
        kill -TERM "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# drive_http NAME REQUESTS DEPTH TOOL...: starts the server under the tool, sends requests over one connection, so many
# at once, or with a depth of 0 each over one of its own, each batch once the server sleeps, and ends it.
drive_http() {
    local name=$1 requests=$2 depth=$3 folder pid status=0
    local -a prepared
    shift 3
    folder=$(mktemp -d)
    chmod 755 "$folder" # h2o reads it as nobody
    printf 'Hello, World' >"$folder/hello"
    mapfile -t prepared < <("$WB_BENCH_BIN/bench_http" --prepare "$name" "$folder")
    "$@" "${prepared[@]:1}" >"$folder/log" 2>&1 &
    pid=$!
    "$WB_BENCH_BIN/bench_http" --drive "${prepared[0]}" "$pid" "$requests" "$depth" || status=1
    end_server "$pid"
    [[ $status -eq 0 ]] || tail -n 5 "$folder/log" >&2
    rm -rf "$folder"
    return "$status"
}

# Both: NAME REQUESTS DEPTH.
http_instructions() {
    local file
    file=$(mktemp)
    chmod 666 "$file"
    drive_http "$@" valgrind --tool=callgrind --callgrind-out-file="$file" || true
    take_total "$file"
}

# The server is told to stop by strace's own end: -D leaves it the shell's child.
http_system_calls() {
    local file
    file=$(mktemp)
    drive_http "$@" strace -f -D -o "$file" || true
    grep -cE '^([0-9]+ +)?[a-z]' "$file"
    rm -f "$file"
}

# a_request COUNTER NAME DEPTH
a_request() {
    local few many
    few=$("$1" "$2" "$WB_REQUESTS_FEW" "$3")
    many=$("$1" "$2" "$WB_REQUESTS_MANY" "$3")
    awk -v few="${few:-0}" -v many="${many:-0}" -v n=$((WB_REQUESTS_MANY - WB_REQUESTS_FEW)) \
        'BEGIN { printf "%.1f", (many - few) / n }'
}

# print_http_cost WHAT UNIT COUNTER DEPTH NAME...: rows as the measuring programs print them; the first name is ours, and
# the others are compared with it.
print_http_cost() {
    local what=$1 unit=$2 counter=$3 depth=$4 name ours theirs
    shift 4
    ours=$(a_request "$counter" "$1" "$depth")
    for name in "${@:2}"; do
        theirs=$(a_request "$counter" "$name" "$depth")
        awk -v OFS='\t' -v what="$what" -v ours="$ours" -v unit="$unit" -v name="$name" -v theirs="$theirs" \
            'BEGIN { print what, ours, unit, "-", sprintf("%.3f", theirs / ours), name, theirs }'
    done
}

# http_costs BIN
http_costs() {
    WB_BENCH_BIN=$1
    local name floor=''
    local -a apart=() together=() # how requests that come together are answered
    while IFS= read -r name; do
        case $name in
            *pipeline*) together+=("$name") ;;
            epoll) floor=epoll ;;
            *) apart+=("$name") ;;
        esac
    done < <("$WB_BENCH_BIN/bench_http" --names)
    if command -v valgrind >/dev/null; then
        print_http_cost 'a request' 'user instructions' http_instructions 1 "${apart[@]}" $floor
        print_http_cost 'a request of 16 at once' 'user instructions' http_instructions 16 "${apart[@]}"
        print_http_cost 'a request of 16 at once' 'user instructions' http_instructions 16 "${together[@]}" $floor
        print_http_cost 'a connection a request' 'user instructions' http_instructions 0 "${apart[@]}" $floor
    fi
    if command -v strace >/dev/null; then
        print_http_cost 'a request' 'system calls' http_system_calls 1 "${apart[@]}" $floor
        print_http_cost 'a connection a request' 'system calls' http_system_calls 0 "${apart[@]}" $floor
    fi
}
