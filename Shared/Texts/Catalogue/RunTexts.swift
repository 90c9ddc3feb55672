extension Catalogue {
    /// How runs end. Arguments: `connection`, `source`, `target`, `countBefore`, `countAfter`, `read`, `distinct`,
    /// `duplicates`; of `run_module_empty` also `module` and `published`.
    static let runTexts = """
        # run_published you
        da Importen er lagt i webshoppen.
        da> Du skal ikke gøre noget.
        en The import was published to the shop.
        en> There is nothing you need to do.
        # run_unchanged you
        da Alle varer blev hentet, og webshoppen havde allerede det hele.
        da> Du skal ikke gøre noget.
        en All items were read, and the shop already had everything.
        en> There is nothing you need to do.
        # run_rolled_back you
        da Webshoppen viser igen, hvad den viste efter en tidligere kørsel, og nye importer holdes tilbage.
        da> Ret fejlen i {source}, start en import, og se, hvad den ville ændre. Ophæv derefter stoppet
            ('sluice connection unfreeze').
        en The shop shows again what it showed after an earlier run, and new imports are held.
        en> Correct the fault in {source}, start an import and see what it would change. Then let it publish again
            ('sluice connection unfreeze').
        # run_frozen you
        da Importen er komplet, men intet lægges i webshoppen, så længe {by} har stoppet det ({why}). Den er holdt
           tilbage.
        da> Se, hvad den ville ændre ('sluice run preview'). Ophæv stoppet, og frigiv den, når webshoppen må ændres.
        en The import is complete, but nothing is published as long as {by} has frozen it ({why}). It is held.
        en> See what it would change ('sluice run preview'). Unfreeze and release it when the shop may change.
        # run_held_set_gone you
        da Det, som kørslen {run} hentede, findes ikke længere, så det kan ikke lægges i webshoppen.
        da> Start en ny import; den henter det, der gælder nu.
        en What run {run} fetched is not there any more, so it cannot be published.
        en> Start a new import; it reads what holds now.
        # run_complete you
        da Alle {distinct:number} varer fra {source} blev hentet, hver én gang.
        da> Du skal ikke gøre noget.
        en All {distinct:number} items of {source} were read, each once.
        en> There is nothing you need to do.
        # run_not_judged you
        da Importen blev ikke kontrolleret, fordi importovervågningen er slået fra for forbindelsen.
        da> Bed support om at slå importovervågningen til, hvis kun komplette importer må nå webshoppen.
        en The import was not checked, because import monitoring is switched off for this connection.
        en> Ask support to switch import monitoring on if only complete imports may reach the shop.
        # run_incomplete you
        da Importen mangler varer: {source} oplyste {countBefore:number} {countBefore?vare|varer}, men kun
           {distinct:number} kunne hentes.
        da> Se først, om web services i {source} kører, og start så importen igen. Mangler de samme varer stadig,
            så send listen til dem, der passer {source}.
        en The import lacks items: {source} counted {countBefore:number} {countBefore?item|items}, but only
           {distinct:number} could be read.
        en> First see whether the web services of {source} are running, then start the import again. If the same items
            are still missing, send the list to whoever looks after {source}.
        # run_unreadable_items you
        da {unreadable:number} {unreadable?vare|varer} fra {source} kunne ikke læses, så importen blev stoppet.
        da> Se på listen, hvad der er galt med hver, få det rettet i {source}, og start importen igen.
        en {unreadable:number} {unreadable?item|items} of {source} could not be read, so the import was stopped.
        en> See in the list what is wrong with each, have it corrected in {source}, and start the import again.
        # run_changed_while_reading you
        da Varerne i {source} blev ændret, mens de blev læst, så det er ikke sikkert, at alle kom rigtigt med.
        da> Vent, til rettelserne i {source} er færdige, og start importen igen. Gør du ingenting, prøver den næste
            planlagte import af sig selv. Sker det ofte, så bed support om at lade forbindelsen {connection} læse efter
            nøgle ('sluice connection update --paging keyset'); så gør rettelser ingenting. Læser den allerede efter
            nøgle, kommer og går der varer imens; flyt da importen til et roligere tidspunkt.
        en Items in {source} were changed while they were read, so it is not certain that all came through correctly.
        en> Wait until the changes in {source} are done and start the import again. If you do nothing, the next scheduled
            import tries by itself. If it happens often, ask support to let the connection {connection} read by key
            ('sluice connection update --paging keyset'); edits then do no harm. If it reads by key already, items come
            and go meanwhile; then move the import to a quieter time.
        # run_source_has_duplicates you
        da {source} har flere varer med samme varenummer: {duplicates:number} {duplicates?varenummer|varenumre} findes
           mere end én gang.
        da> Ret eller slet dubletterne i {source}, og start importen igen. De står på listen i denne besked.
        en {source} has several items with the same item number: {duplicates:number} item
           {duplicates?number is|numbers are} there more than once.
        en> Correct or delete the duplicates in {source} and start the import again. They are listed in this message.
        # run_not_comparable support
        da Optælling og læsning kan ikke sammenlignes: {source} oplyste {countBefore:number} varer, og
           {read:number} blev læst. Der er formentlig talt og læst med hvert sit filter.
        da> Bed support om at efterse filteret på forbindelsen {connection}.
        en Count and read cannot be compared: {source} counted {countBefore:number} items, and {read:number} were read.
           They were probably counted and read with different filters.
        en> Ask support to look at the filter of the connection {connection}.
        # run_empty_source you
        da {source} svarede, at der slet ingen varer er, selv om webshoppen har varer derfra.
        da> Se i {source}, om varerne er der, og om den bruger, Sluice logger ind med, må se dem. Start så importen igen.
        en {source} answered that there are no items at all, though the shop has items from it.
        en> See in {source} whether the items are there, and whether the user Sluice logs in with may see them. Then start
            the import again.
        # run_module_empty erpSupplier
        da Alle varer blev læst i {source}, men der kom slet ingen {module:word} med, selv om webshoppen har
           {published:number} {published?række|rækker} af den slags. Webshoppen er ikke ændret.
        da> Bed dem, der passer {source}, om at se, om {module:word} stadig står på varerne, og om den bruger, Sluice
            logger ind med, må læse dem. Er prislister eller lagre lagt om, så bed support om at rette oversættelsen.
        en All items of {source} were read, but no {module:word} at all came with them, though the shop has
           {published:number} {published?row|rows} of that kind. The shop was not changed.
        en> Ask whoever looks after {source} to see whether the items still have {module:word}, and whether the user Sluice
            logs in with may read them. If price lists or warehouses were rearranged, ask support to correct the mapping.
        # run_unverifiable support
        da Det kan ikke afgøres, om alle varer kom med, for {source} gav ikke alle de oplysninger, kontrollen bygger på.
        da> Bed support om at se, hvilke kontroller der ikke kunne laves. De står i denne besked.
        en It cannot be told whether all items came through, for {source} did not give everything the check builds on.
        en> Ask support to see which checks could not be made. They are listed in this message.
        # run_monitor_unavailable hostOperator
        da Varerne blev hentet, men kunne ikke kontrolleres, fordi Sluices kontrolfunktion ikke svarede.
        da> Driften skal se, om tjenesten sluice-monitor kører. Den næste planlagte import prøver igen af sig selv.
        en The items were read but could not be checked, because the checking part of Sluice did not answer.
        en> Operations should see whether the service sluice-monitor is running. The next scheduled import tries by itself.
        # run_cancelled you
        da Importen blev afbrudt, fordi nogen bad om det.
        da> Start den igen, når den må køre.
        en The import was stopped because somebody asked for it.
        en> Start it again when it may run.
        # run_lost support
        da Importen holdt op med at melde tilbage og er opgivet.
        da> Den er sat i kø igen én gang. Lykkes det heller ikke, så bed support om at se på importtjenesten.
        en The import stopped reporting and was given up.
        en> It has been queued again once. If that fails too, ask support to look at the import service.
        # run_stalled support
        da Importen står stille: siden {since:time} er intet sket ({phase:word}).
        da> Se, om {source} svarer, og om webshoppen gør. Importen går videre af sig selv, når de gør; ellers kan den
            afbrydes med 'sluice run cancel'.
        en The import stands still: nothing has moved since {since:time} ({phase:word}).
        en> See whether {source} answers, and whether the shop does. The import goes on by itself when they do; otherwise
            it can be stopped with 'sluice run cancel'.
        # set_outdated you
        da {target} viser {source}, som den var {asOf:time}. Det er mere end de {promised:number}
           {promised?minut|minutter}, der er lovet.
        da> Se på de seneste importer, hvorfor ingen er lykkedes siden, og start en ny.
        en {target} shows {source} as it was on {asOf:time}. That is older than the {promised:number}
           {promised?minute|minutes} that were promised.
        en> Look at the last imports to see why none has succeeded since, and start a new one.
        # run_lost_half_published you
        da Importen holdt op med at melde tilbage, mens den lagde rækker ind i {target}: Sidst, der blev set, var mindst
           {stillLive:number} af {planned:number} {planned?række|rækker} synlige.
        da> I skal ikke gøre noget: Så snart importtjenesten er tilbage, gør Sluice det færdigt eller fører det tilbage af
            sig selv, også når forbindelsen er slået fra. Sker det ikke inden for en halv time, så spørg support.
        en The import stopped reporting while it was publishing row by row to {target}: when it was last seen, at least
           {stillLive:number} of {planned:number} {planned?row|rows} were live.
        en> You need not do anything: as soon as the import service is back, Sluice completes this or puts it back by
            itself, also while the connection is switched off. If that has not happened in half an hour, ask support.
        # run_superseded you
        da En nyere import af samme forbindelse har taget over.
        da> Se på den nyere import; denne kan ikke længere ændre noget.
        en A newer import of the same connection has taken over.
        en> Look at the newer import; this one can no longer change anything.
        """

    /// Why a run could not be made. Arguments: `system` (the one that failed), `source`, `target`, `detail`; of
    /// `run_read_back_differs` also `module`, `lacking`, `lackingKeys`, `extra`, `extraKeys`.
    static let failureTexts = """
        # run_failed_name you
        da Adressen på {system} findes ikke.
        da> Se, om adressen under systemets indstillinger er stavet rigtigt, og om navnet stadig findes i jeres DNS.
        en The address of {system} does not exist.
        en> See whether the address in the system's settings is spelt correctly and the name is still in your DNS.
        # run_failed_connection you
        da Der kunne ikke skabes forbindelse til {system}, eller forbindelsen blev afbrudt undervejs.
        da> Se, om serveren er tændt, om web services kører, og om firewallen slipper Sluice igennem. Start så importen
            igen.
        en {system} could not be reached, or the connection broke on the way.
        en> See whether the server is on, the web services are running, and the firewall lets Sluice through. Then start
            the import again.
        # run_failed_tls hostOperator
        da Den sikre forbindelse til {system} kunne ikke oprettes: certifikatet passer ikke eller er udløbet.
        da> Den, der driver serveren, skal forny certifikatet eller rette navnet i det. Sluice sender ikke login over en
            forbindelse, der ikke er sikker.
        en The secure connection to {system} could not be made: the certificate does not fit or has expired.
        en> Whoever runs the server has to renew the certificate or correct its name. Sluice does not send credentials
            over a connection that is not secure.
        # run_failed_login you
        da {system} afviste brugernavn eller adgangskode.
        da> Se, om adgangskoden er ændret eller brugeren spærret, og indtast loginoplysningerne igen under systemet.
        en {system} refused the user name or password.
        en> See whether the password was changed or the user locked, and enter the credentials of the system again.
        # run_failed_rights erpSupplier
        da Sluice kan logge ind i {system}, men brugeren har ikke adgang til alt det, importen skal bruge.
        da> Bed dem, der passer {system}, om at give brugeren adgang til det, importen skal bruge: varer, priser og lager.
        en Sluice can log in to {system}, but the user may not reach everything the import needs.
        en> Ask whoever looks after {system} to give the user access to what the import needs: items, prices and stock.
        # run_failed_login_shop you
        da {system} afviste nøglen.
        da> Se i webshoppen, om nøglen er trukket tilbage eller udløbet, og indtast den igen under systemet.
        en {system} refused the key.
        en> See in the shop whether the key was withdrawn or has expired, and enter the key of the system again.
        # run_failed_rights_shop shopSupplier
        da {system} tager imod nøglen, men den giver ikke adgang til alt det, importen skal bruge.
        da> Bed dem, der passer {system}, om at give nøglen lov til at læse og skrive varer, priser og lager.
        en {system} takes the key, but the key does not open everything the import needs.
        en> Ask whoever looks after {system} to let the key read and write products, prices and stock.
        # run_failed_version_shop shopSupplier
        da {system} har ikke den importgrænseflade, Sluice bruger, eller har den i en anden version.
        da> Se, om webshoppens adresse er rigtig. Er den det, så bed dem, der passer {system}, om at slå
            importgrænsefladen til eller opdatere den.
        en {system} does not have the import interface Sluice uses, or has another version of it.
        en> See whether the shop's address is right. If it is, ask whoever looks after {system} to switch on the import
            interface or to update it.
        # run_failed_timeout you
        da {system} svarede ikke i tide.
        da> Se, om {system} er langsomt for alle lige nu, og prøv igen senere. Sker det ofte, så bed support om at læse i
            mindre portioner.
        en {system} did not answer in time.
        en> See whether {system} is slow for everybody just now, and try again later. If it happens often, ask support to
            read in smaller portions.
        # run_failed_maintenance you
        da {system} er lukket for vedligeholdelse.
        da> Vent, til vedligeholdelsen er slut. Den næste planlagte import prøver igen af sig selv.
        en {system} is closed for maintenance.
        en> Wait until the maintenance is over. The next scheduled import tries by itself.
        # run_failed_version erpSupplier
        da {system} har ikke sine web services på den adresse, Sluice kender, eller de taler en version, Sluice ikke kan
           bruge.
        da> Se først, om adressen under systemets indstillinger er rigtig, også porten og stien. Er den det, så bed dem,
            der passer {system}, om at slå den version af web services til, som guiden nævner, eller spørg support.
        en {system} does not have its web services at the address Sluice knows, or they speak a version Sluice cannot use.
        en> First see whether the address in the system's settings is right, port and path included. If it is, ask whoever
            looks after {system} to switch on the version of the web services the guide names, or ask support.
        # run_failed_answer erpSupplier
        da {system} gav et svar, der ikke kan læses, eller som blev afbrudt midt i.
        da> Start importen igen. Sker det samme, så send kørslens nummer til support; de kan se, hvad {system} svarede.
        en {system} gave an answer that cannot be read or was cut off.
        en> Start the import again. If the same happens, send the run's number to support; they can see what {system} said.
        # run_failed_shop shopSupplier
        da Noget gik galt i {target}, da de nye varer skulle lægges ind.
        da> Se, om webshoppen kan nås, og om nøglen til den stadig gælder. Start så importen igen.
        en Something went wrong in {target} while the new items were being published.
        en> See whether the shop can be reached and its key is still valid. Then start the import again.
        # run_read_back_differs shopSupplier
        da {target} viser ikke det, der blev lagt ind: af {module:word} mangler {lacking:number}
           {lacking?række|rækker} ({lackingKeys}), og {extra:number} {extra?række|rækker} skulle ikke være der
           ({extraKeys}).
        da> Den næste import sender alt igen. Sker det samme, så bed dem, der passer {target}, om at se, hvad der ændrer
            rækkerne efter en import.
        en {target} does not show what was published: of {module:word}, {lacking:number} {lacking?row is|rows are}
           missing ({lackingKeys}), and {extra:number} {extra?row|rows} should not be there ({extraKeys}).
        en> The next import sends everything again. If the same happens, ask whoever looks after {target} to see what
            changes the rows after an import.
        # run_push_refused shopSupplier
        da {target} tager ikke imod rækken {key} ({module:word}): {detail}. {applied:number} af {planned:number}
           {planned?række|rækker} var lagt ind, og de er ført tilbage til det, de var.
        da> Bed dem, der passer {target}, om at se, hvorfor rækken afvises. Ret den i {source}, eller tag den ud af
            importen, og start så importen igen.
        en {target} does not take the row {key} ({module:word}): {detail}. {applied:number} of {planned:number}
           {planned?row|rows} had been published, and they have been put back to what they were.
        en> Ask whoever looks after {target} why the row is refused. Correct it in {source}, or leave it out of the import,
            and start the import again.
        # run_push_unfinished shopSupplier
        da {target} viser en del af en import: {stillLive:number} af {planned:number} {planned?række|rækker} er lagt ind,
           og de kunne hverken gøres færdige eller føres tilbage ({detail}).
        da> Se, om webshoppen kan nås, og om nøglen til den stadig gælder. Den næste import fører først rækkerne tilbage af
            sig selv; start den gerne nu.
        en {target} shows a part of an import: {stillLive:number} of {planned:number} {planned?row|rows} are published, and
           they could be neither completed nor put back ({detail}).
        en> See whether the shop can be reached and its key is still valid. The next import first puts the rows back by
            itself; you may start it now.
        # run_push_finished you
        da En import, der var gået i stå midt i at lægge rækker ind i {target}, er gjort færdig: alle {planned:number}
           {planned?række|rækker} er synlige.
        da> Der er intet at gøre. Det var ikke en ny import; den næste henter kilden igen som planlagt.
        en An import that had stopped half way through publishing to {target} has been completed: all {planned:number}
           {planned?row|rows} are live.
        en> There is nothing to do. This was no new import; the next one reads the source as scheduled.
        # run_push_taken_back you
        da Det, der var lagt halvt ind i {target}, er ført tilbage: {applied:number} {applied?række|rækker} er igen, som de
           var før.
        da> Webshoppen viser det samlede sæt fra før. Start en ny import, når den må køre.
        en What had been half published to {target} has been put back: {applied:number} {applied?row|rows} are again what
           they were before.
        en> The shop shows the whole set of before. Start a new import when it may run.
        # direct_shop_promise you
        da {target} kan ikke gøre en hel import synlig på én gang: Hver række er synlig, så snart den er sendt. Alt eller
           intet betyder her, at intet sendes, før importen er kontrolleret, at det, hver række var før, bliver gemt, at
           det fortsætter af sig selv efter en afbrydelse, og at det hele føres tilbage, hvis én række afvises.
        da> Imens en import lægges ind, kan kunder se nye og gamle rækker side om side. Læg store importer på et roligt
            tidspunkt.
        en {target} cannot make a whole import visible at once: each row is visible as soon as it is sent. All or nothing
           means here that nothing is sent before the import has been checked, that what each row was before is kept, that
           it goes on by itself after an interruption, and that all of it is put back when one row is refused.
        en> While an import is being published, customers may see new and old rows side by side. Run large imports at a
            quiet time.
        # run_failed_internal support
        da Importen blev stoppet af en fejl i Sluice.
        da> Send kørslens nummer til support; fejlen er vores at rette.
        en The import was stopped by a fault in Sluice.
        en> Send the run's number to support; the fault is ours to mend.
        """
}
