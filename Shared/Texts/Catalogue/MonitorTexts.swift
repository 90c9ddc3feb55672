extension Catalogue {
    /// What holds an import that was read completely, and how it is let go. Arguments of `run_held_…`: those of
    /// `Hold.arguments`; of `run_within_tolerance`: `lacking` and `tolerance`.
    static let monitorTexts = """
        # run_held_drop_guard you
        da Importen er komplet, men ville fjerne eller tømme {held:number} af webshoppens {heldOf:number} varer
           ({percent} %). Grænsen er {limitCount:number} varer og {limitPercent} %, så den holdes tilbage.
        da> Se på listen, om varerne virkelig er udgået i {source}. Er de det, så bed support om at frigive importen;
            det gælder kun det antal, der er vist. Er de ikke, så ret {source} og start importen igen.
        en The import is complete, but would remove or empty {held:number} of the shop's {heldOf:number} items
           ({percent} %). The limit is {limitCount:number} items and {limitPercent} %, so it is held.
        en> See in the list whether the items really are gone from {source}. If they are, ask support to release the
            import; that holds for the number shown only. If they are not, correct {source} and start the import again.
        # run_held_must_have you
        da Importen er komplet, men varer fra listen over varer, der altid skal være med, mangler eller har prisen 0:
           {items}.
        da> Ret varerne i {source} og start importen igen, eller bed support om at tage dem af listen.
        en The import is complete, but items from the list of must-have items are missing or have a price of 0: {items}.
        en> Correct the items in {source} and start the import again, or ask support to take them off the list.
        # run_held_must_have_unknown support
        da Importen er komplet, men der er ikke ledt efter de {heldOf:number} varer, der altid skal være med.
        da> Start importen igen. Sker det igen, så bed support om at se, om importør og monitor er af samme version.
        en The import is complete, but nobody looked for the {heldOf:number} must-have {heldOf?item|items}.
        en> Start the import again. If it happens again, ask support whether importer and monitor have the same version.
        # run_held_price_change you
        da Importen er komplet, men prisen på {item} ({priceList}) går fra {before} til {after}, en ændring på
           {percent} %. Grænsen er {limitPercent} %, så importen holdes tilbage.
        da> Se efter prisen i {source}. Er den rigtig, så bed support om at frigive importen. Er den ikke, så ret den og
            start importen igen.
        en The import is complete, but the price of {item} ({priceList}) goes from {before} to {after}, a change of
           {percent} %. The limit is {limitPercent} %, so the import is held.
        en> Look at the price in {source}. If it is right, ask support to release the import. If it is not, correct it
            and start the import again.
        # run_held_currency_change you
        da Importen er komplet, men {held:number} {held?pris|priser} er i en anden valuta end før. Den første er {item}
           ({priceList}): {before} {currencyBefore} er blevet til {after} {currencyAfter}. Importen holdes tilbage.
        da> Se i {source}, om priserne har den rigtige valuta. Er valutaen tom dér, bruges forbindelsens egen. Er den
            rigtig, så bed support om at frigive importen. Er den ikke, så ret den og start importen igen.
        en The import is complete, but {held:number} {held?price is|prices are} in another currency than before. The first
           is {item} ({priceList}): {before} {currencyBefore} has become {after} {currencyAfter}. The import is held.
        en> See in {source} whether the prices have the right currency. Where it is empty, the connection's own is used. If
            it is right, ask support to release the import. If it is not, correct it and start the import again.
        # run_held_zero_prices you
        da Importen er komplet, men {held:number} {held?pris|priser} er 0. Grænsen er {limitCount:number}, så importen
           holdes tilbage.
        da> Se i {source}, om prislisten er hel. Er den det, så bed support om at frigive importen.
        en The import is complete, but {held:number} {held?price is|prices are} 0. The limit is {limitCount:number}, so
           the import is held.
        en> See in {source} whether the price list is whole. If it is, ask support to release the import.
        # run_held_stock_sum you
        da Importen er komplet, men det samlede lager går fra {before} til {after}, en ændring på {percent} %. Grænsen
           er {limitPercent} %, så importen holdes tilbage.
        da> Se i {source}, om lageret er talt op. Er tallene rigtige, så bed support om at frigive importen.
        en The import is complete, but the sum of all stock goes from {before} to {after}, a change of {percent} %. The
           limit is {limitPercent} %, so the import is held.
        en> See in {source} whether stock has been counted. If the figures are right, ask support to release the import.
        # run_within_tolerance you
        da Importen mangler {lacking:number} {lacking?vare|varer} af {countBefore:number}; op til {tolerance:number} er
           tilladt for forbindelsen, så den regnes for komplet.
        da> Du skal ikke gøre noget. Skal ingen vare mangle, så bed support om at sætte tolerancen til 0.
        en The import lacks {lacking:number} {lacking?item|items} of {countBefore:number}; up to {tolerance:number} may
           be missing on this connection, so it counts as complete.
        en> There is nothing you need to do. If no item may be missing, ask support to set the tolerance to 0.
        # run_shadow_mode support
        da Importen ville være blevet stoppet, men forbindelsen er i prøvetid, så den blev lagt i webshoppen.
        da> Se med 'sluice policy would-have-stopped', hvad der ville være stoppet, før prøvetiden slutter.
        en The import would have been stopped, but the connection is in shadow mode, so it was published.
        en> See with 'sluice policy would-have-stopped' what would have been stopped before shadow mode ends.
        # note_within_tolerance you
        da Der mangler varer, men ikke flere, end der er tilladt for forbindelsen.
        da> Bed support om at sætte tolerancen til 0, hvis ingen vare må mangle.
        en Items are missing, but no more than are allowed for the connection.
        en> Ask support to set the tolerance to 0 if no item may be missing.
        # note_currency_changed you
        da Priser er i en anden valuta, end webshoppen havde dem i før.
        da> Se i kilden, om valutaen er rigtig. Sæt en grænse for prisændringer, så holdes sådan en import tilbage.
        en Prices are in another currency than the shop had them in before.
        en> See in the source whether the currency is right. Set a limit for changes of prices, and such an import is held.
        # note_source_mapped_fields_changed support
        da Felter i kilden, som webshoppen får, er anderledes, end da forbindelsen sidst lagde noget i webshoppen.
        da> Se felterne på kørslen, og prøv med 'sluice connection try', om varerne ser rigtige ud.
        en Fields of the source that the shop gets are otherwise than when the connection last published.
        en> See the fields on the run, and with 'sluice connection try' whether the items look right.
        # note_source_fields_changed you
        da Felter i kilden er anderledes, end da forbindelsen sidst lagde noget i webshoppen. Ingen af dem bliver læst.
        da> Du skal ikke gøre noget.
        en Fields of the source are otherwise than when the connection last published. None of them is read.
        en> There is nothing you need to do.
        # note_shadow_mode support
        da Forbindelsen er i prøvetid: importer bedømmes, men stoppes ikke.
        da> Slå prøvetiden fra, når I stoler på kontrollen.
        en The connection is in shadow mode: imports are judged but not stopped.
        en> Switch shadow mode off when you trust the checks.
        # check_drop_guard support
        da Det er talt op, hvor mange varer der ville blive fjernet eller tømt i webshoppen.
        da> Mangler kontrollen, så vides det ikke, hvad webshoppen har; den laves igen efter næste fulde import.
        en The items that would be removed from the shop, or emptied, were counted.
        en> If this check is missing, nobody knows what the shop has; it is made again after the next full import.
        # check_drop_guard_removed support
        da Kun de varer, der ville blive fjernet fra webshoppen, er talt op; ikke dem, der ville miste lager eller pris.
        da> Hvad webshoppen har af lager og priser, kendes ikke; alt tælles igen efter næste fulde import.
        en Only the items that would be removed from the shop were counted, not those that would lose their stock or prices.
        en> What stock and prices the shop has is not known; all is counted again after the next full import.
        # check_must_have support
        da Der er ledt efter varerne på listen over varer, der altid skal være med.
        da> Mangler kontrollen, så blev listen ændret under læsningen, eller importøren er af en ældre version.
        en The items on the list of must-have items were looked for.
        en> If this check is missing, the list was changed while reading, or the importer is of an older version.
        # check_price_change support
        da Den største prisændring er holdt op mod grænsen.
        da> Mangler kontrollen, så flyttes der ingen priser, eller de gamle priser kendes ikke.
        en The largest change of a price was compared with the limit.
        en> If this check is missing, no prices are moved, or the old prices are not known.
        # check_currency_change support
        da Det er talt op, hvor mange priser der er i en anden valuta end før.
        da> Mangler kontrollen, så flyttes der ingen priser, eller de gamle priser kendes ikke.
        en The prices that are in another currency than before were counted.
        en> If this check is missing, no prices are moved, or the old prices are not known.
        # check_zero_prices support
        da Antallet af priser på 0 er holdt op mod grænsen.
        da> Mangler kontrollen, så flyttes der ingen priser.
        en The number of prices that are 0 was compared with the limit.
        en> If this check is missing, no prices are moved.
        # check_stock_sum support
        da Det samlede lager før og efter er holdt op mod grænsen.
        da> Mangler kontrollen, så flyttes der intet lager, eller det gamle lager kendes ikke.
        en The sum of all stock before and after was compared with the limit.
        en> If this check is missing, no stock is moved, or the old stock is not known.
        # policy_changed you
        da En anden har ændret reglerne i mellemtiden; de er nu i version {version}.
        da> Se reglerne igen, og lav ændringen én gang til.
        en Somebody else has changed the rules meanwhile; they are at version {version} now.
        en> Look at the rules again and make the change once more.
        # must_have_invalid you
        da Listen over varer, der altid skal være med, kan ikke bruges: højst {maximum:number} varenumre på 1 til 100
           tegn.
        da> Skriv varenumrene, som de står i kilden, og gør listen kortere, hvis den er for lang.
        en The list of must-have items cannot be used: at most {maximum:number} item numbers of 1 to 100 characters.
        en> Write the item numbers as the source has them, and shorten the list if it is too long.
        # shadow_too_long you
        da Prøvetiden kan højst vare {days} dage.
        da> Vælg en tidligere dato; den kan forlænges senere.
        en Shadow mode can last {days} days at most.
        en> Choose an earlier date; it can be extended later.
        # approval_not_held you
        da Kontrollen holder ikke denne import tilbage, så der er intet at godkende.
        da> Se på kørslen, hvorfor den stoppede.
        en Nothing that the checks found holds this import, so there is nothing to agree to.
        en> Look at the run to see why it stopped.
        # approval_figures_differ you
        da Importen holdes tilbage for andet end det, der er vist.
        da> Se på kørslen igen, og godkend det, der står der nu.
        en The import is held for other figures than those that were shown.
        en> Look at the run again and agree to what it shows now.
        # approval_too_late you
        da Importen er mere end et døgn gammel og kan ikke længere godkendes.
        da> Start importen igen.
        en The import is more than a day old and can no longer be agreed to.
        en> Start the import again.
        # approval_overtaken you
        da En nyere import af forbindelsen er lagt i webshoppen.
        da> Du skal ikke gøre noget; den nyeste er den, der gælder.
        en A later import of the connection has reached the shop.
        en> There is nothing you need to do; the latest one holds.
        # receipt_not_found you
        da Der er ingen kvittering for kørslen {id}; den blev ikke bedømt, eller den er ikke slut.
        da> Se på selve kørslen, hvor langt den er.
        en There is no receipt for the run {id}; it was not judged, or it has not ended.
        en> Look at the run itself to see how far it is.
        # no_receipts you
        da Der er ingen kvitteringer for {connection} i det tidsrum.
        da> Vælg et andet tidsrum, eller vent, til en import er slut.
        en There are no receipts for {connection} in that time.
        en> Choose another time, or wait until an import has ended.
        """
}
