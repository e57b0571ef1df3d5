#!/bin/sh
# The command from outside: exit statuses, messages and where they point, what is written and what is not.
# usage: command_test.sh WOULDBLOCK README
set -u
wouldblock=$1
readme=$2
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0
checks=0

fail() {
    failures=$((failures + 1))
    echo "FAIL: $1"
    sed 's/^/    out: /' out | head -n 20
    sed 's/^/    err: /' err | head -n 20
}

# exits STATUS ARGUMENT...: runs the command; its streams are in the files out and err.
exits() {
    expected=$1
    shift
    checks=$((checks + 1))
    "$wouldblock" "$@" >out 2>err </dev/null
    status=$?
    [ "$status" = "$expected" ] || fail "wouldblock $*: status $status, expected $expected"
}

# has FILE TEXT: the file has a line with this text.
has() {
    checks=$((checks + 1))
    grep -qF -- "$2" "$1" || fail "$1 has no line with: $2"
}

lacks() {
    checks=$((checks + 1))
    if grep -qF -- "$2" "$1"; then fail "$1 has a line with: $2"; fi
}

empty() {
    checks=$((checks + 1))
    [ ! -s "$1" ] || fail "$1 is not empty"
}

is_json() {
    checks=$((checks + 1))
    python3 -m json.tool "$1" >/dev/null 2>&1 || fail "$1 is not JSON"
}

# check TEXT COMMAND...
check() {
    text=$1
    shift
    checks=$((checks + 1))
    "$@" || fail "$text"
}

# scenario FILE BODY: an echo conversation; the body follows the greeting.
scenario() {
    cat >"$1" <<END
scenario "a line comes back"
program ping_pong trigger=edge
faults none

peer alice
  connect
  send "hello\\n"
$2

verdict ok
END
}

mkdir -p tree/deep tree/.hidden empty
scenario tree/good.scn '  expect "hello\n"
  close'
scenario tree/deep/wrong.scn '  expect "goodbye\n"
  close'
scenario tree/unfired.scn '  expect "hello\n"
  close

fault alice.recv 1 short 2
fault alice.recv 99 would-block'
scenario tree/hostile.scn '  expect "hello\n"
  close'
sed -i 's/^faults none/faults hostile seed=3/' tree/hostile.scn
cp tree/good.scn tree/notes.txt
cp tree/good.scn tree/.hidden/other.scn

# ---- help and versions
exits 0 --version
has out "wouldblock "
exits 0 --help
for verb in run replay explain encode explore semantics fidelity list; do
    has out "  $verb"
    exits 0 "$verb" --help
    empty err
    # The reference in the README is this text.
    awk -v first="\$ wouldblock $verb --help" \
        '$0 == "```" { inside = 0 } inside { print } $0 == first { inside = 1 }' "$readme" >reference
    check "README: wouldblock $verb --help is not what it says" cmp -s out reference
    exits 0 --help
done
exits 2
has err "usage: wouldblock VERB"

# ---- bad arguments
exits 2 rn
has err "unknown verb 'rn'; did you mean 'run'?"
exits 2 run --sedes 3
has err "unknown option '--sedes'; did you mean '--seeds'?"
exits 2 run
has err "expected files or folders"
exits 2 run tree --seed twelve
has err "--seed: found 'twelve', expected a number from 0 to 18446744073709551615"
exits 2 run tree --seed 18446744073709551616
exits 2 run tree --seeds 0
has err "--seeds: found '0', expected a number from 1 to 20000000"
exits 2 run tree --seeds many
has err "--seeds: found 'many', expected a number from 1 to 20000000"
exits 2 run tree -j
has err "-j needs a value"
exits 2 run tree --trigger edgy
has err "expected one of level, edge, oneshot, edge-oneshot, all; did you mean 'edge'?"
exits 2 run tree --profile=hostle
has err "did you mean 'hostile'?"
exits 2 run tree --quiet=yes
has err "--quiet takes no value"
exits 2 run tree --hash --json
exits 2 replay
exits 2 replay tree/good.scn tree/good.scn
exits 2 list oracels
has err "did you mean 'oracles'?"

# ---- bad input
exits 2 run missing.scn
has err "missing.scn: cannot be opened: No such file"
exits 2 run empty
has err "empty: no scenario"
exits 2 replay tree
has err "tree: is a folder"
printf 'scenario "x"\nprogram ping_pong\n\npeer alice\n  conect\n\nverdict ok\n' >step.scn
exits 2 replay step.scn
has err "step.scn:5:3: found 'conect', expected"
exits 2 encode step.scn -o step.bin
check "a file was left for a text that is no scenario" [ ! -e step.bin ]
printf 'scenario "x"\nprogram pingpong\nverdict ok\n' >program.scn
exits 2 run program.scn
has err "program.scn:2:9: unknown program 'pingpong'; did you mean 'ping_pong'?"
printf 'scenario "x"\nprogram ping_pong triger=edge\nverdict ok\n' >option.scn
exits 2 run option.scn
has err "option.scn:2:19: program 'ping_pong' has no option 'triger'; did you mean 'trigger'?"
printf 'scenario "x"\nprogram multi_echo framed=yes\nverdict ok\n' >flag.scn
exits 2 run flag.scn
has err "flag.scn:2:20: option 'framed' of program 'multi_echo' takes no value: write framed alone"
printf 'scenario "x"\nprogram multi_echo colour\nverdict ok\n' >flag.scn
exits 2 run flag.scn
has err "flag.scn:2:20: program 'multi_echo' has no option 'colour'; it has trigger=, max-connections=, listen=, framed"
printf 'scenario "x"\nprogram multi_echo trigger\nverdict ok\n' >flag.scn
exits 2 run flag.scn
has err "flag.scn:2:20: option 'trigger' of program 'multi_echo' needs a value: trigger=VALUE"
printf 'scenario "x"\nprogram ping_pong\nfault local1.a.recv 1 short 3\nverdict ok\n' >local.scn
exits 2 run local.scn
has err "local.scn:3:7: ping_pong has no connection to itself"
printf 'scenario "x"\nprogram ping_pong trigger=edgy\nverdict ok\n' >edgy.scn
exits 2 run edgy.scn
has err "edgy.scn:2:27: found trigger 'edgy', expected level, edge, oneshot or edge-oneshot; did you mean 'edge'?"
# Values are the program's own matter, which says so when it is run.
printf 'scenario "x"\nprogram ping_pong max-connections=many\nverdict ok\n' >many.scn
exits 2 run many.scn
has err "many.scn:2:9: the program ping_pong does not take its options: --max-connections: expected a number from"
exits 2 replay many.scn
has err "many.scn:2:9: the program ping_pong does not take its options"
exits 2 explore many.scn --faults 1
has err "many.scn:2:9: the program ping_pong does not take its options"
exits 2 run many.scn --trigger all
# Of several programs each is looked at.
printf 'scenario "x"\nprogram ping_pong\nprogram multi_ech as b\n' >second.scn
exits 2 run second.scn
has err "second.scn:3:9: unknown program 'multi_ech'; did you mean 'multi_echo'?"
printf 'scenario "x"\nprogram ping_pong\nprogram multi_echo as b framd\n' >second.scn
exits 2 run second.scn
has err "second.scn:3:25: program 'multi_echo' has no option 'framd'; did you mean 'framed'?"
printf 'scenario "x"\nprogram ping_pong\nprogram multi_echo as b trigger=edgy\n' >second.scn
exits 2 run second.scn
has err "second.scn:3:33: found trigger 'edgy', expected"
printf 'scenario "x"\nprogram ping_pong\nprogram ping_pong as two trigger=edge\nverdict ok\n' >second.scn
exits 2 run second.scn
has err "second.scn:3:9: ping_pong and two both listen at port 6567 of one host"
printf 'scenario "x"\nprogram ping_pong\n\npeer alice\n  send "x"\n\nverdict ok\n' >unconnected.scn
exits 2 run unconnected.scn
has err "unconnected.scn:5:3: alice has no connection"
exits 2 replay unconnected.scn
has err "unconnected.scn:5:3: alice has no connection"
exits 0 replay unconnected.scn --tolerant
# All bad files are named at once, and nothing runs.
exits 2 run step.scn program.scn tree --hash
has err "step.scn:5:3"
has err "program.scn:2:9"
empty out
exits 2 replay tree/good.scn --plan no/such/folder/plan.scn
has err "no/such/folder/plan.scn: cannot be written"
check "a temporary file was left behind" [ -z "$(find . -name '*.scn.*')" ]

# ---- run
exits 0 run tree/good.scn
has out "1 scenario, 1 run: 1 as expected"
check "a passing run was saved" [ ! -e findings ]
exits 0 run tree/good.scn --quiet
empty out
exits 1 run tree
has out "FAIL  tree/deep/wrong.scn  seed=0 trigger=edge  "
has out "NOTE  tree/unfired.scn:12: never fired: fault alice.recv 99 would-block"
lacks out "tree/unfired.scn:11"
has out "4 scenarios, 4 runs: 3 as expected, 1 failing"
has out "faults injected; 1 explicit fault never fired"
# A fault that never fires changes no exit status, but it is told wherever its scenario is.
exits 0 run tree/unfired.scn --verbose
has out "ok    tree/unfired.scn  trigger=edge  1 run (1 of 2 explicit faults never fired)"
exits 0 run tree/unfired.scn --verbose --seeds 3
has out "ok    tree/unfired.scn  trigger=edge  3 runs (in 3 of them not every explicit fault fired)"
exits 0 run tree/unfired.scn --quiet
empty out
sed 's/^verdict ok/verdict hang/' tree/unfired.scn >expects.scn
exits 1 run expects.scn --no-save
has out "FAIL  expects.scn  seed=0 trigger=edge  ok, expected hang (1 of 2 explicit faults never fired)"
seq 91 110 | sed 's/.*/fault alice.send & would-block/' | cat tree/unfired.scn - >unfired_many.scn
exits 0 run unfired_many.scn
has out "NOTE  unfired_many.scn: and 13 more never fired"
has out "; 21 explicit faults never fired"
exits 0 run tree/good.scn tree/hostile.scn
lacks out "never fired"
exits 1 run tree --seeds 3 --trigger all --no-save -j 3
has out "4 scenarios, 60 runs: 48 as expected, 12 failing"
has out "also with seeds 1, 2"
exits 0 run tree/good.scn tree/./good.scn tree/good.scn
has out "2 scenarios"

# A failing run is saved, and what was saved fails alike.
sed 's/faults none/faults hostile/' tree/deep/wrong.scn >wrong.scn
exits 1 run wrong.scn --seed 5 --save kept/here
saved=$(sed -n 's/^ *replay: wouldblock replay //p' out)
check "nothing was saved" [ -f "$saved" ]
has "$saved" "# replay: wouldblock replay $saved"
has "$saved" "faults none"
has "$saved" "fault alice."
verdict=$(sed -n 's/^FAIL  wrong.scn  seed=5 trigger=edge  \([a-z]*\), expected ok.*/\1/p' out)
exits 1 replay "$saved"
has out "verdict  $verdict, expected ok"
lacks out "NEVER FIRED"
lacks out "unfit"
exits 1 run "$saved" --save kept/here
check "a saved run was saved again" [ "$(find kept/here -type f | wc -l)" = 1 ]

# A scenario that cannot be run leaves the others their verdicts, and the status says that it was there.
mkdir mixed
printf 'scenario "x"\nprogram ping_pong\npeer alice\n  send "a"\n' >mixed/a.scn
printf 'scenario "x"\nprogram ping_pong\npeer alice\n  connect\n  send "a\\n"\n  expect "b\\n"\n' >mixed/b.scn
exits 2 run mixed --no-save
has err "mixed/a.scn:4:3: alice has no connection here to send on"
has out "2 scenarios, 2 runs: 0 as expected, 1 failing (1 protocol), 1 could not be run"

# A trigger from the command line is that of all programs, in what is saved, too.
printf 'scenario "x"\nprogram ping_pong\nprogram multi_echo as b framed\n' >several.scn
printf 'peer alice\n  connect\n  send "a\\n"\n  expect "b\\n"\n' >>several.scn
exits 1 run several.scn --trigger edge --save kept/several
saved=$(sed -n 's/^ *replay: wouldblock replay //p' out)
has "$saved" "program ping_pong trigger=edge"
has "$saved" "program multi_echo as b framed trigger=edge"
exits 1 run several.scn --trigger edge --hash --no-save
cut -d' ' -f1 out >first
exits 1 run "$saved" --hash --no-save
check "what was saved is another run" [ "$(cut -d' ' -f1 out)" = "$(cat first)" ]

# ---- hashes: the same again, and on any number of processes
exits 1 run tree --hash --seeds 4 --trigger all --no-save -j 1
cp out first
check "hash lines are malformed" [ "$(grep -cE '^[0-9a-f]{16}  tree/[a-z/]*\.scn  [0-9]  (level|edge|oneshot|edge-oneshot)$' first)" = "$(wc -l <first)" ]
check "the wrong number of hashes" [ "$(wc -l <first)" = 64 ]
exits 1 run tree --hash --seeds 4 --trigger all --no-save -j 1
check "hashes differ from run to run" cmp -s first out
exits 1 run tree --hash --seeds 4 --trigger all --no-save -j 5
check "hashes differ with -j" cmp -s first out
check "seeds make no difference" [ "$(grep -c hostile first)" = "$(grep hostile first | cut -d' ' -f1 | sort -u | wc -l)" ]

# ---- JSON and JUnit
exits 1 run tree --json --seeds 2 --no-save
is_json out
checks=$((checks + 1))
cp out run.json
python3 - <<'END' >out 2>err || fail "the JSON of the runs is not what it should be"
import json
document = json.load(open("run.json"))
assert document["summary"]["unfired"] == 1
assert document["unfired"] == [
    {"path": "tree/unfired.scn", "line": 12, "fault": "alice.recv 99 would-block"}], document["unfired"]
counts = {(run["path"], run["planned"], run["planned_unfired"]) for run in document["runs"]}
assert ("tree/unfired.scn", 2, 1) in counts and ("tree/good.scn", 0, 0) in counts, counts
END
exits 1 run tree --no-save --junit results.xml --seeds 2
checks=$((checks + 1))
python3 - <<'END' >out 2>err || fail "the JUnit file is not what it should be"
import xml.etree.ElementTree as tree
suite = tree.parse("results.xml").getroot().find("testsuite")
cases = suite.findall("testcase")
assert len(cases) == int(suite.get("tests")) == 4, len(cases)
assert int(suite.get("failures")) == 1
failed = [case for case in cases if case.find("failure") is not None]
assert [case.get("classname") for case in failed] == ["tree/deep"]
assert failed[0].get("name") == "wrong.scn trigger=edge seed=0..1"
told = [case for case in cases if case.find("system-out") is not None]
assert [case.get("name") for case in told] == ["unfired.scn trigger=edge seed=0..1"]
assert told[0].find("system-out").text == "never fired in any run: fault alice.recv 99 would-block\n"
END
exits 0 replay tree/hostile.scn --json
is_json out
checks=$((checks + 1))
cp out report.json
python3 - <<'END' >out 2>err || fail "the report is not what it should be"
import json
report = json.load(open("report.json"))
assert report["format"] == "wouldblock-report" and report["version"] == 1
assert report["verdict"] == "ok" and report["as_expected"] is True
assert len(report["hash"]) == 16
times = [entry["time_ns"] for entry in report["timeline"]]
assert len(times) > 10
assert any(entry["kind"] == "peer" and "hello" in entry["text"] for entry in report["timeline"])
faults = sum(entry["kind"] == "fault" for entry in report["timeline"])
assert faults == len(report["faults"]["decisions"]) > 0
assert faults == sum(count["injected"] for count in report["faults"]["counts"])
END

# ---- replay
exits 0 replay tree/unfired.scn
has out "NEVER FIRED: fault alice.recv 99 would-block  (tree/unfired.scn:12)"
has out "FAULT    alice.recv 1 short 2  [kernel]"
has out "alice    sends 6 bytes \"hello\\n\""
lacks out "$(printf '\033')"
exits 1 replay tree/deep/wrong.scn
has out "diagnosis"
has out "FINDING"
exits 0 replay tree/hostile.scn --plan plan.scn
hash=$(sed -n 's/^hash *//p' out)
check "no plan was written" [ -s plan.scn ]
has plan.scn "faults none"
exits 0 replay plan.scn
has out "hash     $hash"
exits 2 run tree/good.scn --seed -1

# ---- text and fuzz input are one thing
exits 0 encode tree/unfired.scn -o unfired.bin
empty out
exits 0 explain unfired.bin
cp out explained.scn
exits 0 encode explained.scn -o again.bin
check "encode(explain(x)) is not x" cmp -s unfired.bin again.bin
exits 0 explain explained.scn
check "the canonical text is not canonical" cmp -s out explained.scn
exits 0 replay unfired.bin
has out "NEVER FIRED"
exits 2 replay unfired.bin --as text
has err "unfired.bin:1:"
printf 'any bytes at all \377\000' >any.bin
exits 0 explain any.bin
has out "scenario \""
cp any.bin damaged.scn
: >empty.scn
for file in damaged.scn empty.scn; do
    exits 2 run "$file"
    has err "$file:1:1: found"
    exits 2 replay "$file"
done
exits 0 explain damaged.scn --as binary
sed 's/^verdict ok/verdict limit/' tree/good.scn >limit.scn
exits 1 run limit.scn --no-save
exits 0 encode limit.scn -o limit.bin
exits 0 explain limit.bin
has out "verdict limit"
exits 0 run limit.bin --no-save
exits 0 replay limit.bin
"$wouldblock" explain - <tree/good.scn >out 2>err
check "explain does not read the standard input" grep -q '^program ping_pong' out

# A fuzz input costs here what it costs a fuzz target; a scenario that somebody wrote, what it says.
printf 'scenario "x"\nprogram ping_pong\n\npeer alice\n  connect\n  send "0123456789\\n" * 60000\n  expect bytes 660000\n\nverdict ok\n' >large.scn
exits 0 encode large.scn -o large.bin
exits 0 replay large.bin
has err "NOTE  large.bin: cut to the bounds of a fuzz input (4000 calls,"
exits 0 replay large.scn
lacks err "NOTE"

# ---- list
exits 0 list
for heading in "programs under test" "where a fault may strike" profiles oracles "steps of a peer" verdicts; do
    has out "$heading"
done
has out "  emulated-edge "
has out "  bandwidth "
has out "  partition "
exits 0 list --json
is_json out
has out '"format": "wouldblock-list"'
has out '"link_properties": ['
exits 0 list hosts
has out "  fd-limit "
lacks out "bandwidth"
exits 0 list verdicts
has out "  hang"
lacks out "ping_pong"
exits 0 list fuzz
has out "  fuzz_scenario_echo  "
has out "  fuzz_canary  "
has out "fuzz_uri with a bug (planted)"
lacks out "ping_pong"
exits 0 list fuzz --json
is_json out
has out '"fuzz_targets": ['
has out '"kind": "canary"'

# ---- semantics
exits 0 semantics --list
has out "1. Delivery: modes, re-arming, masks"
has out "        r72_more_data_on_data_left_is_an_event"
lacks out "    R1 R2"
has out "S3    OUT though nothing was ever blocked"
exits 0 semantics --list R72 R112b
has out "R112b shown"
lacks out "R71"
lacks out "S3 "
exits 0 semantics --list --json
is_json out
exits 0 semantics R71-R72 --html page.html
has out "R71   equal"
has out ", 2 equal, 0 differ, 0 on one kernel only, 0 not covered"
has page.html '<section class="rule" id="R72">'
has page.html "</html>"
lacks page.html "http://"
lacks page.html "https://"
checks=$((checks + 1))
if awk 'length($0) > 100 { exit 1 }' out; then :; else fail "a line is wider than 100 columns"; fi
exits 0 semantics R71-R72 --json
is_json out
has out '"format": "wouldblock-semantics"'
exits 0 semantics S1 -q
has out "1 rule, 1 shown, 1 equal"
lacks out "R13"
exits 0 semantics R31
has out "1 rule, 1 shown, 1 equal"
exits 2 semantics R153
has err "no rule is called 'R153'"
empty out
exits 2 semantics R72 nonsense
has err "no rule is called 'nonsense'"
exits 2 semantics --mode edg
has err "--mode: found 'edg', expected one of level, edge, oneshot, edge-oneshot, exclusive; did you mean 'edge'?"
exits 2 semantics --family 5
has err "--family: found '5', expected one of 4, 6"
exits 2 semantics R72 --html missing/page.html
has err "missing/page.html"

# ---- explore
exits 0 explore tree/good.scn --faults 1
has out "ok    tree/good.scn  every run with at most 1 fault (contract): "
has out "none failed"
has out "of times, and of numbers above 8, a few stood for all"
exits 0 explore tree/good.scn --preemptions 1
has out "every run with at most 1 pre-emption: 1 run, none failed"
exits 0 explore tree/good.scn --faults 2 --limit 10
has out "part  tree/good.scn  not all covered: of the runs with at most 1 fault (contract) the first 9, none failed"
has out "before: every run with no fault (contract): 1 run, none failed"
# The limit where a level ends: what is beyond was not begun.
exits 0 explore tree/good.scn --faults 2 --limit 1
has out "part  tree/good.scn  not all covered: of the runs with at most 1 fault (contract) none was made"
has out "before: every run with no fault (contract): 1 run, none failed"
exits 0 explore tree/good.scn --faults 2 --limit 1 --json
is_json out
has out '"complete": false'
# The last level may just fit.
exits 0 explore tree/good.scn --preemptions 0 --limit 1
has out "ok    tree/good.scn  every run with no pre-emption: 1 run, none failed"
# So few calls that a fault makes one too many, and the run without is right.
scenario tight.scn '  expect "hello\n"
  close'
sed 's/^faults none/host calls=34/' tight.scn >tighter.scn
exits 0 run tighter.scn
exits 1 explore tighter.scn --faults 2 --save kept/explore
has out "FAIL  tighter.scn  limit, expected ok: "
has out "with at most 1 fault (contract)"
for saved in kept/explore/*.scn; do
    exits 1 run --no-save "$saved"
    has "$saved" "fault "
    has "$saved" "by explore"
done
exits 1 explore tree/deep/wrong.scn --faults 1
has out "in run 1, with no fault (contract)"
has out "replay: wouldblock replay tree/deep/wrong.scn"
for workers in 1 3; do
    exits 1 explore tighter.scn --faults 2 --no-save --json -j "$workers"
    is_json out
    mv out "explored.$workers"
done
check "explore: -j changes the outcome" cmp -s explored.1 explored.3
has explored.1 '"complete": false'
exits 2 explore tree/good.scn
has err "give --faults K, --preemptions P, or both"
exits 2 explore tree/good.scn --preemptions many
has err "--preemptions: found 'many', expected a number from 0 to 32, or all"
exits 2 explore tree/good.scn --preemptions 33
exits 2 explore tree/good.scn tree/good.scn --faults 1
has err "explore: expected one file"
exits 2 explore missing.scn --faults 1
exits 2 explore tree/good.scn --faults 1 --legality some
has err "expected one of kernel, contract, failing"
exits 0 run tree/good.scn --pct 3 --seeds 5
exits 2 run tree/good.scn --pct 0
has err "--pct: found '0', expected a number from 1 to 16"

# ---- fidelity
cat >same.ops <<'END'
epoll        # an instance
pair tcp4
epoll-add fd0 fd1 IN|OUT|RDHUP edge
send fd2 5 -
epoll-wait fd0 8 0
END
exits 0 fidelity same.ops
has out "1 sequence, 5 steps (0 left out), 1 event "
has out "no difference"
exits 0 fidelity --sequences 200 --seed 3 -j 2 --no-save
has out "200 sequences"
exits 0 fidelity --sequences 20 --kinds eventfd,epoll --coverage --json --no-save
is_json out
has out '"kinds"'
exits 2 fidelity --kinds tcp5
has err "--kinds: found 'tcp5', expected some of tcp4"
for list in 'tcp4,' ',tcp4' 'tcp4,,pipe' ','; do
    exits 2 fidelity --sequences 1 --kinds "$list"
    has err "--kinds: found '', expected some of tcp4"
done
exits 2 fidelity --time 5 same.ops
exits 2 fidelity same.ops --save kept
has err "--save have no meaning"
printf 'epoll\nclose fd77\n' >wrong.ops
exits 2 fidelity wrong.ops
has err "wrong.ops:2: expected a descriptor"
exits 2 fidelity missing.ops
# Where nothing can be saved is told at once, not when there is something to save.
exits 2 fidelity --sequences 1 --save same.ops
has err "same.ops: is not a folder"
exits 2 fidelity --sequences 1 --save same.ops/below
has err "same.ops/below: the folder cannot be made"
exits 2 fidelity --sequences 1 --save /proc
has err "/proc: no file can be made there"
exits 0 fidelity --sequences 1 --save kept/fidelity
check "fidelity: a file was left in the folder" [ -z "$(ls -A kept/fidelity)" ]
check "fidelity: findings where nothing differs" [ ! -e findings/fidelity-0.ops ]

# ---- a full disk is not success
if [ -c /dev/full ]; then
    checks=$((checks + 1))
    "$wouldblock" list >/dev/full 2>err
    [ $? = 2 ] || fail "writing to a full device succeeded"
    has err "standard output"
fi

echo "$checks checks, $failures failed"
[ "$failures" = 0 ]
