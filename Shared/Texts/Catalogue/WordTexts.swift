extension Catalogue {
    /// One word or a few for each value of the closed sets.
    static let wordTexts = """
        # outcome_published
        da udgivet
        en published
        # outcome_unchanged
        da uændret
        en unchanged
        # outcome_held
        da tilbageholdt
        en held
        # outcome_refused
        da afvist
        en refused
        # outcome_failed
        da fejlet
        en failed
        # outcome_cancelled
        da afbrudt
        en cancelled
        # outcome_lost
        da tabt
        en lost
        # verdict_complete
        da komplet
        en complete
        # verdict_incomplete
        da ufuldstændig
        en incomplete
        # verdict_changedWhileReading
        da ændret under læsningen
        en changed while reading
        # verdict_sourceHasDuplicates
        da dubletter i kilden
        en source has duplicates
        # verdict_notComparable
        da kan ikke sammenlignes
        en not comparable
        # verdict_emptySource
        da tom kilde
        en empty source
        # verdict_unverifiable
        da kan ikke kontrolleres
        en unverifiable
        # verdict_notJudged
        da ikke kontrolleret
        en not judged
        # module_products
        da produkter
        en products
        # module_prices
        da priser
        en prices
        # module_stock
        da lager
        en stock
        # phase_queued
        da i kø
        en queued
        # phase_preflight
        da prøver adgangen
        en checking access
        # phase_counting
        da tæller
        en counting
        # phase_extracting
        da henter varer
        en reading items
        # phase_recounting
        da tæller igen
        en counting again
        # phase_sweeping
        da læser varenumre igen
        en reading item numbers again
        # phase_judging
        da kontrollerer
        en judging
        # phase_comparing
        da sammenligner
        en comparing
        # phase_publishing
        da udgiver
        en publishing
        # phase_reverting
        da fører tilbage
        en taking back
        # phase_committing
        da bliver synligt i webshoppen
        en becoming live
        # phase_readingBack
        da læser efter i webshoppen
        en reading back
        # phase_finished
        da færdig
        en finished
        # failure_name
        da adressen findes ikke
        en unknown address
        # failure_connection
        da ingen forbindelse
        en no connection
        # failure_tls
        da usikker forbindelse
        en insecure connection
        # failure_login
        da login afvist
        en login refused
        # failure_rights
        da manglende rettigheder
        en missing rights
        # failure_timeout
        da svarede ikke i tide
        en timed out
        # failure_maintenance
        da lukket for vedligeholdelse
        en under maintenance
        # failure_version
        da forkert version
        en wrong version
        # failure_answer
        da ulæseligt svar
        en unreadable answer
        # failure_settings
        da forkert indstilling
        en wrong setting
        # failure_shop
        da webshoppen sagde nej
        en shop refused
        # failure_superseded
        da overtaget af en nyere kørsel
        en superseded
        # failure_monitorUnavailable
        da kontrollen svarede ikke
        en check did not answer
        # failure_internal
        da fejl i Sluice
        en fault in Sluice
        # actor_you
        da dig
        en you
        # actor_support
        da support
        en support
        # actor_erpSupplier
        da jeres ERP-leverandør
        en your ERP's supplier
        # actor_shopSupplier
        da jeres webshopleverandør
        en your shop's supplier
        # actor_hostOperator
        da driften
        en operations
        # trigger_schedule
        da plan
        en schedule
        # trigger_manual
        da i hånden
        en by hand
        # trigger_afterLoss
        da igen efter tab
        en again after a loss
        # messageState_queued
        da i kø
        en queued
        # messageState_sending
        da sendes nu
        en being sent
        # messageState_accepted
        da afleveret
        en accepted
        # messageState_retrying
        da prøves igen
        en will be retried
        # messageState_parked
        da ikke sendt
        en not sent
        # purpose_incident
        da hændelse
        en incident
        # purpose_reminder
        da påmindelse
        en reminder
        # purpose_recovery
        da i orden igen
        en recovery
        # purpose_notice
        da besked
        en notice
        # purpose_test
        da prøve
        en test
        # notice_importRefused
        da import afvist
        en import refused
        # notice_importHeld
        da import tilbageholdt
        en import held
        # notice_importFailed
        da import fejlet
        en import failed
        # notice_importLost
        da import tabt
        en import lost
        # notice_connectionParked
        da forbindelse parkeret
        en connection parked
        # notice_importTolerated
        da import med varer, der mangler, men må mangle
        en import with missing items, as tolerated
        # notice_importStalled
        da import gået i stå
        en import at a standstill
        # notice_setOutdated
        da webshoppen ældre end lovet
        en shop older than promised
        # notice_shadowEnded
        da prøvetid slut
        en shadow mode over
        # level_integration
        da hele integrationen
        en the whole integration
        # level_module
        da modulet
        en the module
        # level_connection
        da forbindelsen
        en the connection
        # yesNo_true
        da ja
        en yes
        # yesNo_false
        da nej
        en no
        # fieldKind_text
        da tekst
        en text
        # fieldKind_number
        da tal
        en number
        # fieldKind_boolean
        da ja eller nej
        en yes or no
        # fieldKind_list
        da liste
        en list
        # fieldKind_object
        da sammensat
        en composed
        # fieldKind_empty
        da tomt
        en empty
        # guide_webServices_1
        da Se, om andre kan logge på {source} lige nu. Kan de ikke, er hele systemet nede: ring til dem, der passer det.
        en See whether others can log in to {source} just now. If not, the whole system is down: call whoever looks after
           it.
        # guide_webServices_2
        da Se, om web services kører på serveren (i SAP Business One hedder de Service Layer). Genstart dem om nødvendigt.
        en See whether the web services are running on the server (SAP Business One calls them Service Layer). Restart
           them if need be.
        # guide_webServices_3
        da Se, om serveren kan nås udefra: internetforbindelse, firewall og certifikat.
        en See whether the server can be reached from outside: internet connection, firewall and certificate.
        # guide_webServices_4
        da Start importen igen, eller vent på den næste. Lykkes den, får du en mail om, at alt er i orden.
        en Start the import again, or wait for the next one. When it succeeds, you get a mail saying that all is well.
        # guide_webServices_5
        da Er du stadig i tvivl, så kontakt support og oplys kørslens nummer.
        en If you are still stuck, contact support and give the number of the run.
        """
}
