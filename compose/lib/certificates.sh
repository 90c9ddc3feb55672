# Makes a development certificate authority, and certificates for services, operator, the sandbox's HTTPS and SMTP. Sourced.
#
# For real use bring your own: any authority that signs leaves with one URI SAN
# spiffe://<trust-domain>/svc/<name>/<instance> or spiffe://<trust-domain>/operator/<name>.

certificates="$state/certificates"

make_authority() {
    [ -f "$certificates/authority.pem" ] && return 0
    openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 \
        -subj "/CN=Sluice development authority" -keyout "$certificates/authority.key" \
        -out "$certificates/authority.pem" -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
}

# make_certificate NAME SUBJECT-ALTERNATIVE-NAME EXTENDED-KEY-USAGE
make_certificate() {
    local name="$1"
    if [ -f "$certificates/$name.pem" ] &&
        openssl x509 -in "$certificates/$name.pem" -noout -checkend 604800 >/dev/null 2>&1; then return 0; fi
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj "/CN=$name" \
        -keyout "$certificates/$name.key.new" -out "$certificates/$name.request" 2>/dev/null
    openssl x509 -req -in "$certificates/$name.request" -CA "$certificates/authority.pem" \
        -CAkey "$certificates/authority.key" -set_serial "0x$(openssl rand -hex 16)" -days 90 -sha256 \
        -out "$certificates/$name.pem.new" -extfile <(
            printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n'
            printf 'extendedKeyUsage=%s\nsubjectAltName=%s\n' "$3" "$2"
            printf 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
        ) 2>/dev/null
    # Key first: a service that re-reads in between sees a pair that does not fit and keeps its old one.
    mv "$certificates/$name.key.new" "$certificates/$name.key"
    mv "$certificates/$name.pem.new" "$certificates/$name.pem"
    rm -f "$certificates/$name.request"
}

make_certificates() {
    local service
    make_authority
    for service in $services; do
        make_certificate "$service" "URI:spiffe://$trust_domain/svc/$service/1" "serverAuth,clientAuth"
    done
    make_certificate operator "URI:spiffe://$trust_domain/operator/$(operator_name)" "serverAuth,clientAuth"
    make_certificate https "DNS:localhost,IP:127.0.0.1" serverAuth
}

# The name of the person in the audit: letters, digits and hyphens of the login name.
operator_name() {
    local name
    name=$(id -un | tr -cd 'A-Za-z0-9-')
    printf '%s' "${name:-operator}"
}
