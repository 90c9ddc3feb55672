# What the import measures need beside the product; read by `run`.
prepare_import() {
    need_packages "the import" nginx-light gcc libc6-dev libcurl4-openssl-dev libsqlite3-dev libzstd-dev libssl-dev \
        python3-venv || return 0
    need_packages "imports with latency" libnginx-mod-http-echo || return 0
}
