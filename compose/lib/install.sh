# Installs what the build and the demo need from Debian, and checks what cannot be installed. Sourced.

build_packages="libsqlite3-dev libssl-dev libcurl4-openssl-dev libzstd-dev openssl ca-certificates"
test_packages="systemd python3 python3-aiosmtpd curl nginx-light fiu-utils btrfs-progs e2fsprogs gnutls-bin sslscan testssl.sh"

missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || printf '%s ' "$package"
    done
}

# nginx-light is one of several packages that bring nginx.
drop_present() {
    local package
    for package in "$@"; do
        [ "$package" = nginx-light ] && command -v nginx >/dev/null && continue
        printf '%s ' "$package"
    done
}

install_packages() {
    local missing
    missing=$(drop_present $(missing_packages "$@"))
    [ -z "${missing// /}" ] && return 0
    local command="apt-get install -y --no-install-recommends $missing"
    if [ "$(id -u)" = 0 ]; then
        say "Installing $missing"
        (apt-get update -qq && DEBIAN_FRONTEND=noninteractive $command -qq) >"$state/log/install.log" 2>&1 </dev/null ||
            fail "Installing failed: $missing" "See $state/log/install.log, then run: $command"
    elif sudo -n true 2>/dev/null; then
        say "Installing $missing (with sudo)"
        (sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive $command -qq) >"$state/log/install.log" 2>&1 </dev/null ||
            fail "Installing failed: $missing" "See $state/log/install.log, then run: sudo $command"
    else
        fail "These Debian packages are missing: $missing" "Run this, then try again:" "  sudo $command"
    fi
}

check_swift() {
    command -v swift >/dev/null || fail "Swift is not installed." \
        "Install Swift 6.3 for Debian 12 from swift.org and put its usr/bin on the PATH."
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
    [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -1)" = 6.2 ] ||
        fail "Swift $version is too old." "Sluice needs Swift 6.2 or newer (built and tested with 6.3)."
}

check_disk() {
    local free
    free=$(df -Pm "$root" | awk 'NR == 2 {print $4}')
    [ "$free" -ge "$1" ] || fail "Only $free MB are free on the disk of $root." \
        "Building and the demo need $1 MB. Make room and try again."
}
