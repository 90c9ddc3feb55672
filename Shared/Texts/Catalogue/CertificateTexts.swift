extension Catalogue {
    /// What can be wrong with a certificate or with the secure connection itself.
    static let certificateTexts = """
        # tls_file_unreadable hostOperator
        da En certifikatfil kan ikke læses. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en A certificate file cannot be read. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_key_mismatch hostOperator
        da Nøgle og certifikat hører ikke sammen. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en Key and certificate do not belong together. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_own_certificate_unusable hostOperator
        da Vores eget certifikat kan ikke bruges. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en Our own certificate cannot be used. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_missing hostOperator
        da Den anden ende viste intet certifikat. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The other end showed no certificate. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_expired hostOperator
        da Certifikatet er udløbet. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate has expired. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_not_yet_valid hostOperator
        da Certifikatet gælder ikke endnu. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate is not valid yet. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_unknown_issuer hostOperator
        da Certifikatet er udstedt af en, vi ikke kender. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate was issued by somebody we do not know. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_self_signed hostOperator
        da Certifikatet er udstedt af sig selv. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate is self-signed. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_unknown_root hostOperator
        da Certifikatets øverste udsteder er ikke en, vi stoler på. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate's root is not one we trust. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_signature_wrong hostOperator
        da Certifikatets underskrift passer ikke. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate's signature is wrong. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_revoked hostOperator
        da Certifikatet er spærret. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate was revoked. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_issuer_without_authority hostOperator
        da Udstederen må ikke udstede certifikater. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The issuer may not issue certificates. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_chain_too_long hostOperator
        da Der er for mange led mellem certifikat og udsteder. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en There are too many steps between certificate and authority. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_purpose_wrong hostOperator
        da Certifikatet er til noget andet. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate is for another purpose. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_purpose_missing hostOperator
        da Certifikatet siger ikke, at det er til både at kalde og blive kaldt. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate does not say that it is for calling and being called. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_key_too_small hostOperator
        da Certifikatets nøgle er for kort. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate's key is too small. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_digest_too_weak hostOperator
        da Certifikatet er underskrevet med en for svag metode. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate is signed with too weak a digest. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_extension_unknown hostOperator
        da Certifikatet stiller et krav, vi ikke forstår. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate makes a demand we do not understand. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_malformed hostOperator
        da Certifikatet kan ikke læses. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate cannot be read. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_is_authority hostOperator
        da Certifikatet er en udsteders og må ikke bruges af en tjeneste. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate is an authority's and not for a service. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_may_sign hostOperator
        da Certifikatet må underskrive andre og er derfor ikke til en tjeneste. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate may sign others and is therefore not for a service. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_may_not_authenticate hostOperator
        da Certifikatet må ikke bruges til at vise, hvem man er. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate may not be used to show who one is. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_certificate_refused hostOperator
        da Certifikatet blev afvist. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate was refused. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_revocation_list_missing hostOperator
        da Spærrelisten for en udsteder mangler. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The revocation list of an authority is missing. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_revocation_list_expired hostOperator
        da Spærrelisten er udløbet. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The revocation list has expired. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_revocation_list_wrong hostOperator
        da Spærrelisten passer ikke til udstederen. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The revocation list does not fit its authority. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_identity_missing hostOperator
        da Certifikatet navngiver ingen tjeneste og ingen person. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate names no service and no person. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_identity_ambiguous hostOperator
        da Certifikatet har mere end ét navn. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate has more than one name. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_identity_malformed hostOperator
        da Navnet i certifikatet er skrevet forkert. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The name in the certificate is malformed. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_identity_foreign_domain hostOperator
        da Certifikatet hører til en anden installation. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate belongs to another installation. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_identity_unexpected hostOperator
        da Certifikatet tilhører en anden tjeneste end den, der blev kaldt. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The certificate is of another service than the one that was called. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_refused_by_peer hostOperator
        da Den anden ende afviste vores certifikat. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The other end refused our certificate. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_not_tls hostOperator
        da Den anden ende taler ikke TLS. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The other end does not speak TLS. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_version_unsupported hostOperator
        da De to ender har ingen fælles TLS-version. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The two ends have no TLS version in common. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_no_common_suite hostOperator
        da De to ender har ingen fælles kryptering. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The two ends have no cipher suite in common. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_ended_in_handshake hostOperator
        da Forbindelsen blev lukket, mens den blev sikret. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The connection was closed while it was being secured. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_truncated hostOperator
        da Forbindelsen blev afbrudt uden afsked. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The connection was cut without a farewell. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_record_damaged hostOperator
        da Data på forbindelsen var beskadiget. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en Data on the connection was damaged. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        # tls_broken hostOperator
        da Den sikre forbindelse brød sammen. {detail}
        da> Se efter certifikaterne for {service} og for dig selv; compose/up laver udviklingscertifikater forfra,
            når de gamle fjernes.
        en The secure connection broke down. {detail}
        en> Check the certificates of {service} and your own; compose/up makes development certificates anew when
            the old ones are removed.
        """
}
