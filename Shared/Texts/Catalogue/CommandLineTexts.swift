extension Catalogue {
    /// What the command line and the sandbox say.
    static let commandLineTexts = """
        # service_unknown you
        da Der er ingen tjeneste {service}.
        da> Tjenesterne er: {services}.
        en There is no service {service}.
        en> The services are: {services}.
        # not_an_id you
        da '{text}' er ikke et id ({kind}).
        da> Kopiér id'et fra en liste, f.eks. sluice run list.
        en '{text}' is not the id of a {kind}.
        en> Copy the id from a list, as sluice run list.
        # nothing_matches you
        da Intet ({kind}) passer til '{text}'.
        da> Se listen, f.eks. sluice merchant list eller sluice connection list.
        en No {kind} matches '{text}'.
        en> See the list, as sluice merchant list or sluice connection list.
        # several_match you
        da {count} passer til '{text}': {names}.
        da> Skriv mere af navnet, eller brug id'et.
        en {count} match '{text}': {names}.
        en> Write more of the name, or use the id.
        # system_needs_merchant you
        da Systemet '{system}' er givet ved navn.
        da> Sig også, hvis det er, med --merchant, eller brug id'et.
        en The system '{system}' is given by name.
        en> Say whose it is with --merchant, or use the id.
        # service_down_scheduler hostOperator
        da Ingen import starter, og intet kan ændres, før den kører igen; det, der var planlagt, sker da én gang.
        da> Start den igen med compose/up.
        en No import starts and nothing can be changed until it runs again; what was due then happens once.
        en> Start it again with compose/up.
        # service_down_importer hostOperator
        da Importer venter; webshoppene beholder det, de har.
        da> Start den igen med compose/up.
        en Imports wait; the shops keep what they have.
        en> Start it again with compose/up.
        # service_down_monitor hostOperator
        da Importer holdes tilbage, for ingen bedømmer dem; webshoppene beholder det, de har.
        da> Start den igen med compose/up.
        en Imports are held, for nobody judges them; the shops keep what they have.
        en> Start it again with compose/up.
        # service_down_notifier hostOperator
        da Mails venter og sendes, når den kører igen.
        da> Start den igen med compose/up.
        en Mails wait and are sent when it runs again.
        en> Start it again with compose/up.
        # service_down_billing hostOperator
        da Forbruget venter og tælles, når den kører igen; ingen import stoppes.
        da> Start den igen med compose/up.
        en Usage waits and is counted when it runs again; no import is stopped.
        en> Start it again with compose/up.
        # service_down_sandbox hostOperator
        da Kun prøvesystemerne er væk; ingen rigtig kunde mærker det.
        da> Start den igen med compose/up.
        en Only the simulated systems are gone; no real merchant notices.
        en> Start it again with compose/up.
        # run_left_out you
        da Ikke med i denne kørsel: {modules}.
        da> Se med 'sluice connection show', hvad der er slået fra, og hvem der gjorde det.
        en Not in this run: {modules}.
        en> See with 'sluice connection show' what is switched off, and by whom.
        # nothing_uploaded you
        da Intet blev lagt i webshoppen; den er, som den var.
        da> Der er intet at gøre.
        en Nothing was uploaded to the shop; it is as it was.
        en> There is nothing to do.
        # state_integrationOff you
        da integrationen er slået fra
        da> Slå den til.
        en the integration is switched off
        en> Switch it on.
        # state_modulesOff you
        da alle dens moduler er slået fra
        da> Slå et modul til.
        en all its modules are switched off
        en> Switch a module on.
        # state_connectionOff you
        da forbindelsen er slået fra
        da> Slå den til.
        en the connection is switched off
        en> Switch it on.
        # state_parked support
        da den er parkeret efter for mange mislykkede forsøg i træk
        da> Find årsagen, og frigiv forbindelsen.
        en it was parked after too many failed tries in a row
        en> Find the reason and release the connection.
        # state_credentialsRefused you
        da et system afviste login ved sidste kørsel
        da> Ret brugernavn og adgangskode.
        en a system refused the login at the last run
        en> Replace the user name and password.
        # state_importHeld you
        da den sidste import venter på et menneske
        da> Se kørslen, og afgør den.
        en the last import waits for a person
        en> Look at the run and decide.
        # state_frozen you
        da der importeres og bedømmes, men intet lægges i webshoppen
        da> Ophæv stoppet, når webshoppen må ændres igen.
        en it imports and judges, but nothing is published
        en> Unfreeze it when the shop may change again.
        # state_running you
        da kører nu
        da> Følg kørslen.
        en running now
        en> Watch the run.
        # state_queued you
        da i kø til en importør
        da> Vent et øjeblik.
        en waiting for an importer
        en> Wait a moment.
        # state_waitingForNextRun you
        da venter på næste kørsel
        da> Start en kørsel, hvis den ikke kan vente.
        en waiting for the next run
        en> Start a run if it cannot wait.
        # state_scheduleStopped you
        da dens plan giver ikke længere mening og er stoppet
        da> Sæt planen igen.
        en its schedule makes no sense any more and was stopped
        en> Set the schedule again.
        # state_manualOnly you
        da kører kun, når nogen starter den
        da> Start en kørsel.
        en runs only when somebody starts it
        en> Start a run.
        # sandbox_system_not_found you
        da Der er intet prøvesystem ved navn {system}.
        da> Se sluice sandbox --help.
        en There is no simulated system called {system}.
        en> See sluice sandbox --help.
        # sandbox_system_exists you
        da Der er allerede et andet prøvesystem ved navn {system}.
        da> Se sluice sandbox --help.
        en There is another simulated system called {system} already.
        en> See sluice sandbox --help.
        # sandbox_item_not_found you
        da Prøvesystemet har ikke varen {code}.
        da> Se sluice sandbox --help.
        en The simulated system does not have the item {code}.
        en> See sluice sandbox --help.
        # sandbox_item_exists you
        da Prøvesystemet har allerede varen {code}.
        da> Se sluice sandbox --help.
        en The simulated system has the item {code} already.
        en> See sluice sandbox --help.
        # sandbox_mail_not_found you
        da Der er ingen mail med det nummer i prøvepostkassen.
        da> Se sluice sandbox --help.
        en There is no mail with that number in the sandbox's mailbox.
        en> See sluice sandbox --help.
        # sandbox_fault_unsuitable you
        da Fejlen kan ikke bestilles sådan: {problem}.
        da> Se sluice sandbox --help.
        en The fault cannot be ordered like this: {problem}.
        en> See sluice sandbox --help.
        # sandbox_value_invalid you
        da En værdi passer ikke: {problem}.
        da> Se sluice sandbox --help.
        en A value does not fit: {problem}.
        en> See sluice sandbox --help.
        # sandbox_wrong_kind you
        da Det kan {system} ikke; det er en anden slags system.
        da> Se sluice sandbox --help.
        en {system} cannot do that; it is another kind of system.
        en> See sluice sandbox --help.
        # address_twice you
        da Adressen {address} står på listen to gange.
        da> Skriv den én gang.
        en The address {address} is on the list twice.
        en> Write it once.
        # recipient_gets_nothing you
        da {address} ville ikke få nogen mails.
        da> Vælg mindst én slags mail og én forbindelse.
        en {address} would get no mails at all.
        en> Choose at least one kind of mail and one connection.
        # id_in_use support
        da Der er allerede noget med det id.
        da> Prøv igen; hvis det gentager sig, så sig det til support.
        en Something has that id already.
        en> Try again; if it happens again, tell support.
        # broken_row hostOperator
        da En række i databasen kan ikke læses.
        da> Tag en sikkerhedskopi i brug, eller sig det til support.
        en A row of the database cannot be read.
        en> Restore a back-up, or tell support.
        # trial_changed_nothing you
        da Intet er gemt eller udgivet.
        da> Gem med sluice connection update og de samme valg.
        en Nothing was saved or published.
        en> Save with sluice connection update and the same options.
        # trial_bad_keys support
        da En prøve tager 1 til {max} varenumre på højst 100 tegn.
        da> Angiv færre eller kortere varenumre.
        en A trial takes 1 to {max} item numbers of at most 100 characters.
        en> Give fewer or shorter item numbers.
        # trial_not_a_source support
        da Der kan ikke læses varer fra {system}.
        da> Vælg forbindelsens kilde.
        en Items cannot be read from {system}.
        en> Choose the connection's source.
        # trial_no_items you
        da Kilden har ingen varer, som filteret lader igennem.
        da> Se filteret i forbindelsens indstillinger, og om varerne er aktive i kilden.
        en The source has no items that the filter lets through.
        en> Look at the filter in the connection's settings, and whether the items are active in the source.
        # trial_key_not_found you
        da Kilden har ingen vare {key}.
        da> Se efter, om varenummeret er skrevet, som kilden skriver det.
        en The source has no item {key}.
        en> See whether the item number is written the way the source writes it.
        # trial_key_not_read you
        da Varen {key} findes, men filteret lader den ikke igennem: en import ville ikke læse den.
        da> Gør varen aktiv i kilden, eller ret filteret.
        en The item {key} exists, but the filter leaves it out: an import would not read it.
        en> Make the item active in the source, or change the filter.
        # trial_field_not_in_items support
        da Ingen af varerne har feltet {field}, som {shopField} skal komme fra.
        da> Vælg et felt, som kilden har; sluice connection try --fields viser dem alle.
        en None of the items has the field {field}, which {shopField} is to come from.
        en> Choose a field the source has; sluice connection try --fields lists them all.
        # trial_price_list_not_in_items support
        da Ingen af varerne har en pris i prisliste {priceList}. Varernes prislister: {found}.
        da> Vælg en af kildens prislister, eller prøv varer, der har priser.
        en None of the items has a price in price list {priceList}. The items' price lists: {found}.
        en> Choose one of the source's price lists, or try items that have prices.
        # trial_warehouse_not_in_items support
        da Ingen af varerne har lager {warehouse}. Varernes lagre: {found}.
        da> Vælg et af kildens lagre, eller prøv varer, der ligger på lager.
        en None of the items has warehouse {warehouse}. The items' warehouses: {found}.
        en> Choose one of the source's warehouses, or try items that are in stock.
        # mapping_bad_name support
        da Oversættelsen bruger et navn, der ikke kan bruges: {name}.
        da> Ret forbindelsens indstillinger med sluice connection update.
        en The mapping uses a name that cannot be used: {name}.
        en> Change the connection's settings with sluice connection update.
        # mapping_not_in_source support
        da Oversættelsen bruger et felt, kilden ikke har: {module}.
        da> Ret forbindelsens indstillinger med sluice connection update.
        en The mapping uses a field the source does not have: {module}.
        en> Change the connection's settings with sluice connection update.
        # mapping_two_price_lists_to_one support
        da To prislister hos kilden går til den samme i webshoppen: {priceList}.
        da> Ret forbindelsens indstillinger med sluice connection update.
        en Two price lists of the source go to the same one of the shop: {priceList}.
        en> Change the connection's settings with sluice connection update.
        # held_again you
        da Kørslen {run} skulle lægges i webshoppen og blev holdt tilbage igen: den ville nu gøre mere, end der var vist.
        da> Se tallene ovenfor. Er de rigtige, så frigiv kørslen med netop dem:
            'sluice run release {again} --reason …'.
        en The run {run} was to be published and was held again: by now it would do more than was shown.
        en> See the figures above. If they are right, release the run with exactly these:
            'sluice run release {again} --reason …'.
        # held_release_how you
        da Skal den lægges i webshoppen med netop disse tal, så brug 'sluice run release {run} --reason …'.
        da> Skal den ikke, så brug 'sluice run refuse {run} --reason …'.
        en To publish it with exactly these figures, use 'sluice run release {run} --reason …'.
        en> If it is not wanted, use 'sluice run refuse {run} --reason …'.
        # held_figures_agreed you
        da {by} har sagt god for højst disse tal indtil {until} ({reason}).
        da> Ville det gøre mere, bliver det holdt tilbage igen.
        en {by} has agreed to at most these figures until {until} ({reason}).
        en> If it would do more, it is held again.
        # held_nothing_published you
        da Intet er lagt i webshoppen; tallene viser, hvad importen ville ændre.
        da> Frigiv eller afvis den.
        en Nothing was published; the figures show what the import would change.
        en> Release or refuse it.
        # set_is_outdated you
        da ÆLDRE END LOVET siden {since}.
        da> Se på de seneste importer, hvorfor ingen er lykkedes siden.
        en OLDER THAN PROMISED since {since}.
        en> Look at the last imports to see why none has succeeded since.
        # tolerance_used you
        da {lacking:number} {lacking?vare|varer} mangler; op til {allowed:number} må mangle på forbindelsen.
        da> Du skal ikke gøre noget. Skal ingen vare mangle, så brug 'sluice policy set --tolerance 0'.
        en {lacking:number} {lacking?item is|items are} missing; up to {allowed:number} may be missing on this connection.
        en> There is nothing you need to do. If no item may be missing, use 'sluice policy set --tolerance 0'.
        # tolerance_unused you
        da Ingen varer mangler; op til {allowed:number} må mangle på forbindelsen.
        da> Du skal ikke gøre noget.
        en No items are missing; up to {allowed:number} may be missing on this connection.
        en> There is nothing you need to do.
        # tolerance_exceeded you
        da {lacking:number} {lacking?vare|varer} mangler; kun {allowed:number} må mangle på forbindelsen.
        da> Find ud af, hvorfor varerne mangler, før tolerancen ændres.
        en {lacking:number} {lacking?item is|items are} missing; only {allowed:number} may be missing on this connection.
        en> Find out why the items are missing before the tolerance is changed.
        """
}
