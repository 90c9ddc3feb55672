# Shared by up, down, test, demo and sluice. Sourced, never run.
set -euo pipefail
export LC_ALL=C.UTF-8

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
state=$(realpath -m -- "${SLUICE_STATE:-$root/.sluice}")
services="scheduler monitor notifier billing importer sandbox"

# What 'up' was started with is remembered there, so that the next command finds the same; the environment wins.
remembered="$state/settings/installation.env"
[ ! -f "$remembered" ] || . "$remembered"

# Ports are fixed, each with an override, as SLUICE_PORT_SCHEDULER=8401 compose/up.
: "${SLUICE_PORT_SCHEDULER:=7401}" "${SLUICE_PORT_IMPORTER:=7402}" "${SLUICE_PORT_MONITOR:=7403}"
: "${SLUICE_PORT_NOTIFIER:=7404}" "${SLUICE_PORT_BILLING:=7405}" "${SLUICE_PORT_SANDBOX:=7410}"
: "${SLUICE_PORT_SANDBOX_HTTPS:=7420}" "${SLUICE_PORT_SANDBOX_SMTP:=7425}"
: "${SLUICE_TRUST_DOMAIN:=sluice.local}"
# Where the programs are; set it to use some that are built already.
: "${SLUICE_BINARIES:=$root/.build/release}"
port_names="SCHEDULER IMPORTER MONITOR NOTIFIER BILLING SANDBOX SANDBOX_HTTPS SANDBOX_SMTP"
trust_domain="$SLUICE_TRUST_DOMAIN"

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() {
    printf '\nsluice: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '        %s\n' "$line" >&2; done
    exit 1
}

port_of() {
    local name="SLUICE_PORT_$1"
    printf '%s' "${!name}"
}

remember() {
    local name
    {
        for name in $port_names; do printf ': "${SLUICE_PORT_%s:=%s}"\n' "$name" "$(port_of "$name")"; done
        printf ': "${SLUICE_TRUST_DOMAIN:=%s}"\n' "$SLUICE_TRUST_DOMAIN"
        printf ': "${SLUICE_BINARIES:=%s}"\n' "$(realpath -m -- "$SLUICE_BINARIES")"
    } >"$remembered.new"
    mv "$remembered.new" "$remembered"
}

binary() { realpath -m -- "$SLUICE_BINARIES/$1"; }

# A pid file holds the number and the program; the number alone may belong to another process by now.
# Prints the number; 1 when the service does not run, 2 when that cannot be told.
pid_of() {
    local file="$state/run/$1.pid" pid program
    [ -f "$file" ] || return 1
    { read -r pid && read -r program; } <"$file" || return 1
    [ -d "/proc/$pid" ] || return 1
    local running
    if ! running=$(readlink "/proc/$pid/exe"); then
        # Ended, collected just now or not yet; or somebody else's.
        [ -d "/proc/$pid" ] && [ ! -O "/proc/$pid" ] || return 1
        say "sluice: $1 may be running as process $pid, which belongs to another user. Run this as that user." >&2
        return 2
    fi
    [ "${running% (deleted)}" = "$program" ] || return 1
    printf '%s' "$pid"
}

# Whether a service runs a program that was built anew since.
is_outdated() {
    local pid
    pid=$(pid_of "$1") || return 1
    [ "$(readlink "/proc/$pid/exe")" != "$(binary "sluice-$1")" ]
}
