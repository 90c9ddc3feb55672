# Starts, watches and stops the services as plain processes. Sourced.

# What the caller has open is not the service's: a pipe it kept would never end for whoever reads it.
close_inherited() {
    local descriptor
    for descriptor in /proc/self/fd/*; do
        descriptor="${descriptor##*/}"
        [ "$descriptor" -le 2 ] || eval "exec $descriptor>&-"
    done
}

start_service() {
    local service="$1" pid
    if is_outdated "$service"; then
        say "  $service was built anew; starting it again"
        stop_service "$service"
    fi
    local code=0
    pid=$(pid_of "$service") || code=$?
    [ $code -ne 2 ] || exit 1
    [ $code -ne 0 ] || return 0
    rm -f "$state/run/$service.pid"
    (
        set -a
        . "$root/compose/settings/common.env"
        . "$root/compose/settings/$service.env"
        [ -f "$state/settings/$service.env" ] && . "$state/settings/$service.env"
        set +a
        cd "$state/data/$service"
        close_inherited
        exec setsid bash "$root/compose/lib/keep.sh" "$(binary "sluice-$service")" "$state/run/$service.pid" \
            "$state/log/$service.log" >>"$state/log/$service.log" 2>&1 </dev/null
    ) &
    disown
    local waited=0
    until [ -f "$state/run/$service.pid" ] || [ $waited -ge 500 ]; do
        sleep 0.01
        waited=$((waited + 1))
    done
}

stop_service() {
    local service="$1" pid waited=0
    local code=0
    pid=$(pid_of "$service") || code=$?
    [ $code -ne 2 ] || exit 1
    if [ $code -ne 0 ]; then
        rm -f "$state/run/$service.pid"
        return 0
    fi
    kill -TERM "$pid" 2>/dev/null || true
    while pid_of "$service" >/dev/null && [ $waited -lt 300 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    if pid_of "$service" >/dev/null; then
        say "$service did not stop within 30 seconds; ending it."
        kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$state/run/$service.pid"
}

# Fails with the last lines of the log when the process has ended.
wait_until_ready() {
    local service="$1" waited=0
    until "$root/compose/sluice" health --service "$service" --quiet >/dev/null 2>&1; do
        pid_of "$service" >/dev/null || fail "$service ended while starting. Its last lines:" \
            "$(tail -n 5 "$state/log/$service.log")" "The whole log: $state/log/$service.log"
        waited=$((waited + 1))
        [ $waited -lt 150 ] || fail "$service is not ready after 30 seconds." "See $state/log/$service.log"
        sleep 0.2
    done
}

check_ports() {
    local name port taken=""
    for name in $port_names; do
        port=$(port_of "$name")
        local service
        service=$(printf '%s' "${name%%_*}" | tr 'A-Z' 'a-z')
        pid_of "$service" >/dev/null && continue
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            taken="$taken $port (SLUICE_PORT_$name)"
        fi
    done
    [ -z "$taken" ] || fail "These ports are taken by other programs:$taken" \
        "Stop those programs, or choose other ports, as:  $(printf '%s' "$taken" | sed -n 's/.*(\([A-Z_]*\))$/\1/p')=8401 compose/up"
}
