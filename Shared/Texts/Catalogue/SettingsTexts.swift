extension Catalogue {
    /// What is wrong with how a connection or a system was set up. Arguments: `system`, `detail`, and by reason `field`,
    /// `filter`, `option`, `address`.
    static let settingsTexts = """
        # run_failed_settings support
        da Sluice er sat op til at bruge noget, {system} ikke har eller ikke tager imod ({detail}).
        da> Bed support om at efterse forbindelsens og systemets indstillinger.
        en Sluice is set up to use something {system} does not have or does not take ({detail}).
        en> Ask support to look at the settings of the connection and of the system.
        # run_failed_mapping support
        da Oversættelsen henter feltet {field}, men {system} har ikke noget felt, der hedder sådan.
        da> Ret feltets navn i oversættelsen ('sluice connection update --field'); 'sluice connection try --fields' viser,
            hvilke felter varerne har. Indtil da fejler hver import på samme måde.
        en The mapping asks for the field {field}, but {system} has no field of that name.
        en> Correct the name of the field in the mapping ('sluice connection update --field'); 'sluice connection try
            --fields' shows which fields the items have. Until then each import fails in the same way.
        # run_failed_filter support
        da {system} forstår ikke det filter, forbindelsen er sat op med, {filter}, og svarer: {detail}. Der er intet i
           vejen med {system}.
        da> Ret filteret, og prøv det, før det gemmes: 'sluice connection try --filter', så 'sluice connection update
            --filter'. Store og små bogstaver i feltnavne betyder noget.
        en {system} does not understand the filter the connection is set up with, {filter}, and answers: {detail}. Nothing is
           wrong with {system}.
        en> Correct the filter and try it before it is saved: 'sluice connection try --filter', then 'sluice connection
            update --filter'. Capitals in the names of fields matter.
        # run_failed_option support
        da Systemet {system} er sat op uden indstillingen {option}, eller den kan ikke bruges ({detail}).
        da> Giv systemet den rigtige værdi ('sluice call scheduler.updateSystem'). Login er ikke forsøgt.
        en The system {system} is set up without the option {option}, or with one that cannot be used ({detail}).
        en> Give the system the right value ('sluice call scheduler.updateSystem'). No login was tried.
        # run_failed_credentials you
        da De gemte loginoplysninger til {system} kan ikke bruges: De er ufuldstændige, eller systemet har fået en anden
           adresse, siden de blev indtastet.
        da> Indtast dem igen ('sluice system set-credentials').
        en The stored credentials of {system} cannot be used: they are incomplete, or the address of the system was changed
           after they were entered.
        en> Enter them again ('sluice system set-credentials').
        # run_failed_sealed_otherwise support
        da Sluice kan ikke åbne loginoplysningerne til {system}: De er låst til en nøgle, som importtjenesten ikke har mere.
        da> Indtast dem igen ('sluice system set-credentials'); så låses de til den nye nøgle. Er nøglen blevet skiftet ved
            en fejl, kan driften i stedet give importtjenesten den gamle tilbage (IMPORTER_OLDER_SEALING_KEY_PATHS).
        en Sluice cannot open the credentials of {system}: they are sealed to a key the import service no longer has.
        en> Enter them again ('sluice system set-credentials'); they are then sealed to the new key. If the key was replaced
            by mistake, operations can give the old one back to the import service instead
            (IMPORTER_OLDER_SEALING_KEY_PATHS).
        # run_failed_private_address hostOperator
        da {system} har adressen {address}, og den ligger i et internt net, som Sluice ikke har lov til at gå ind i.
        da> Er adressen rigtig, skal driften af Sluice tillade nettet (IMPORTER_PRIVATE_ADDRESSES) og starte importtjenesten
            igen. Ellers ret adressen under systemets indstillinger. Firewallen hos {system} har intet med det at gøre.
        en {system} has the address {address}, which is in an internal network that Sluice may not enter.
        en> If the address is right, the operators of Sluice have to allow the network (IMPORTER_PRIVATE_ADDRESSES) and
            start the import service again. Otherwise correct the address in the system's settings. The firewall of
            {system} has nothing to do with it.
        """
}
