# Shared by up, down, test and demo. Sourced, never run.
set -euo pipefail
export LC_ALL=C.UTF-8

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
state="${SLUICE_STATE:-$root/.sluice}"
services="scheduler monitor notifier billing importer sandbox"
trust_domain="${SLUICE_TRUST_DOMAIN:-sluice.local}"

# Ports are fixed, each with an override, as SLUICE_PORT_SCHEDULER=8401.
SLUICE_PORT_SCHEDULER="${SLUICE_PORT_SCHEDULER:-7401}"
SLUICE_PORT_IMPORTER="${SLUICE_PORT_IMPORTER:-7402}"
SLUICE_PORT_MONITOR="${SLUICE_PORT_MONITOR:-7403}"
SLUICE_PORT_NOTIFIER="${SLUICE_PORT_NOTIFIER:-7404}"
SLUICE_PORT_BILLING="${SLUICE_PORT_BILLING:-7405}"
SLUICE_PORT_SANDBOX="${SLUICE_PORT_SANDBOX:-7410}"
SLUICE_PORT_SANDBOX_HTTPS="${SLUICE_PORT_SANDBOX_HTTPS:-7420}"
SLUICE_PORT_SANDBOX_SMTP="${SLUICE_PORT_SANDBOX_SMTP:-7425}"
port_names="SCHEDULER IMPORTER MONITOR NOTIFIER BILLING SANDBOX SANDBOX_HTTPS SANDBOX_SMTP"

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

pid_of() {
    local file="$state/run/$1.pid" pid
    [ -f "$file" ] || return 1
    pid=$(cat "$file")
    [ -d "/proc/$pid" ] || return 1
    # The number may belong to another process by now.
    [ "$(readlink "/proc/$pid/exe" 2>/dev/null | sed 's/ (deleted)$//')" = "$(binary "sluice-$1")" ] || return 1
    printf '%s' "$pid"
}

# Where the programs are; set SLUICE_BINARIES to use some that are built already.
binary() {
    local folder="${SLUICE_BINARIES:-$root/.build/release}"
    printf '%s/%s' "$(readlink -f "$folder" 2>/dev/null || printf '%s' "$folder")" "$1"
}
