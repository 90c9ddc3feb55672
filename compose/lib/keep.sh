#!/usr/bin/env bash
# Runs one service: keep.sh PROGRAM PID-FILE LOG. One whose disk was at fault (exit code 74) is started again, after 1, 2, 4
# and then 5 seconds; every other end is left for a person to see. Run by processes.sh.
program="$1" pid_file="$2" log="$3" pause=1

# Somebody may have stopped the service, or started it anew, in the meantime.
is_ours() { [ "$(head -n 1 "$pid_file" 2>/dev/null)" = "$pid" ]; }

while :; do
    # By its name each time: the service puts its log aside, and the next one is not to write there.
    "$program" >>"$log" 2>&1 &
    pid=$!
    # On a full disk the file may come out empty, and an empty one would hide the service from everybody.
    until printf '%s\n%s\n' "$pid" "$program" >"$pid_file.new"; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 1
    done
    [ ! -s "$pid_file.new" ] || mv "$pid_file.new" "$pid_file"
    started=$SECONDS
    wait "$pid"
    code=$?
    { [ $code = 74 ] && is_ours; } || exit $code
    [ $((SECONDS - started)) -lt 60 ] || pause=1
    sleep $pause
    is_ours || exit $code
    pause=$((pause * 2 < 5 ? pause * 2 : 5))
done
