extension Catalogue {
    /// What a call can fail with, whichever service answers.
    static let errorTexts = """
        # unknown_reason support
        da Der skete noget, som kataloget ikke har ord for ({reason}).
        da> Send nummeret på kaldet til support.
        en Something happened that the catalogue has no words for ({reason}).
        en> Send the number of the request to support.
        # invalid_argument you
        da Noget i forespørgslen passer ikke: {field} {problem}.
        da> Ret det, og prøv igen.
        en Something in the request does not fit: {field} {problem}.
        en> Correct it and try again.
        # not_found you
        da Det, du spørger efter, findes ikke: {id}.
        da> Se på listen, om nummeret er rigtigt.
        en What you ask for does not exist: {id}.
        en> See in the list whether the number is right.
        # evidence_not_found you
        da Der er ingen kontrol gemt for kørslen {id}; den nåede ikke så langt.
        da> Se på selve kørslen, hvor den stoppede.
        en No check is kept for the run {id}; it did not get that far.
        en> Look at the run itself to see where it stopped.
        # incident_not_found you
        da Der findes ingen hændelse med nummeret {id}.
        da> Se hændelsens nummer på listen over hændelser.
        en There is no incident with the number {id}.
        en> See the incident's number in the list of incidents.
        # message_not_found you
        da Der findes ingen mail med nummeret {id}.
        da> Se mailens nummer på listen over mails.
        en There is no mail with the number {id}.
        en> See the mail's number in the list of mails.
        # plan_not_found you
        da Kunden har endnu intet abonnement; det oprettes ved den første import.
        da> Kør en import, eller vælg et abonnement.
        en The merchant has no plan yet; one is made at the first import.
        en> Run an import, or choose a plan.
        # permission_denied support
        da Du har ikke lov til at gøre dette.
        da> Bed en, der har retten, om at gøre det, eller bed support om at give dig den.
        en You are not allowed to do this.
        en> Ask somebody who is allowed to do it, or ask support to allow you.
        # unauthenticated support
        da Det kan ikke ses, hvem du er: certifikatet mangler eller gælder ikke.
        da> Brug et gyldigt certifikat. Er det udløbet, så bed support om et nyt.
        en It cannot be told who you are: the certificate is missing or not valid.
        en> Use a valid certificate. If it has expired, ask support for a new one.
        # unavailable hostOperator
        da Tjenesten svarer ikke lige nu.
        da> Prøv igen om lidt. Bliver det ved, så skal driften se, om tjenesten kører.
        en The service does not answer just now.
        en> Try again shortly. If it goes on, operations should see whether the service is running.
        # deadline_exceeded you
        da Svaret nåede ikke frem i tide.
        da> Prøv igen, eller giv mere tid. Se først, om det, du bad om, allerede er sket.
        en The answer did not come in time.
        en> Try again, or allow more time. First see whether what you asked for has already happened.
        # internal support
        da Der skete en fejl i Sluice.
        da> Send nummeret på kaldet til support; fejlen er vores at rette.
        en A fault happened in Sluice.
        en> Send the number of the request to support; the fault is ours to mend.
        # unimplemented support
        da Tjenesten kan ikke det, du beder om.
        da> Se med 'sluice list', hvad den kan, og om begge sider har samme version.
        en The service cannot do what you ask for.
        en> See with 'sluice list' what it can do, and whether both sides have the same version.
        # target_already_fed you
        da Forbindelsen {connection} overfører allerede {modules} til samme webshop.
        da> Tag modulerne fra den ene forbindelse, eller vælg en anden webshop; to ville slette hinandens varer.
        en The connection {connection} already moves {modules} to the same shop.
        en> Take the modules from one of the connections, or choose another shop; two would remove each other's items.
        # target_fed_elsewhere support
        da Webshoppen får allerede sine varer på anden vis.
        da> Se, om adressen er den rigtige. Er den det, så spørg support.
        en The shop is fed already.
        en> See whether the address is the right one. If it is, ask support.
        # reason_required you
        da Der mangler en begrundelse på 1 til 200 tegn.
        da> Skriv, hvorfor ændringen laves; den gemmes sammen med dit navn.
        en A reason of 1 to 200 characters is missing.
        en> Write why the change is made; it is kept with your name.
        # limit_out_of_range you
        da Antallet skal være mellem {from} og {to}.
        da> Vælg et tal inden for grænserne.
        en The number must be between {from} and {to}.
        en> Choose a number within the limits.
        # evidence_differs support
        da Denne læsning er allerede bedømt ud fra andre tal.
        da> Den første bedømmelse gælder. Start en ny import.
        en This read was already judged on other figures.
        en> The first verdict stands. Start a new import.
        # evidence_inconsistent support
        da Tallene om importen modsiger hinanden: {problem}.
        da> Send kørslens nummer til support; fejlen er vores at rette.
        en The figures of the import contradict each other: {problem}.
        en> Send the run's number to support; the fault is ours to mend.
        # last_recipient you
        da Det er den sidste adresse på listen, og nogen skal have besked, når noget går galt.
        da> Tilføj en anden adresse, før du fjerner denne.
        en This is the last address on the list, and somebody must hear when something goes wrong.
        en> Add another address before you remove this one.
        # recipient_not_on_list you
        da {address} står ikke på kundens liste.
        da> Se listen, og vælg en adresse derfra, eller tilføj den først.
        en {address} is not on the merchant's list.
        en> See the list and choose an address from it, or add it first.
        # no_recipients support
        da Der er ingen adresser på kundens liste, og der er ingen supportadresse at bruge i stedet.
        da> Sæt mindst én adresse på listen.
        en There are no addresses on the merchant's list, and no support address to use instead.
        en> Put at least one address on the list.
        # address_invalid you
        da {address} er ikke en mailadresse, der kan sendes til.
        da> Ret adressen. Den skal se ud som navn@firma.dk.
        en {address} is not an e-mail address that can be sent to.
        en> Correct the address. It should look like name@company.com.
        # too_many_recipients you
        da Listen kan højst have {most} adresser.
        da> Fjern nogle, eller brug en fælles adresse.
        en The list can have at most {most} addresses.
        en> Remove some, or use a shared address.
        # storage_full hostOperator
        da Der er ikke plads på tjenestens disk; intet blev gemt.
        da> Skaf plads på disken. Tjenesten fortsætter af sig selv; prøv så igen.
        en There is no room on the disk of the service; nothing was stored.
        en> Make room on the disk. The service goes on by itself; then try again.
        # storage_failing hostOperator
        da Tjenestens disk svarer med fejl; intet blev gemt.
        da> Se tjenestens log og systemets log, og se efter disken. Prøv så igen.
        en The disk of the service answers with errors; nothing was stored.
        en> See the service's log and the system's log, and check the disk. Then try again.
        # storage_read_only hostOperator
        da Tjenestens database kan kun læses; intet blev gemt.
        da> Se efter, hvem der ejer filen, og om disken kun er tilsluttet til læsning.
        en The database of the service can only be read; nothing was stored.
        en> Check who owns the file, and whether its disk was mounted for reading only.
        # storage_busy hostOperator
        da Tjenestens database holdes af et andet program; intet blev gemt.
        da> Prøv igen. Sker det ofte, så find det program, der har filen åben.
        en The database of the service is held by another program; nothing was stored.
        en> Try again. If it happens often, find the program that has the file open.
        # storage_damaged hostOperator
        da Det, der blev læst af tjenestens database, er beskadiget.
        da> Se tjenestens log, og se efter disken. Varer det ved, så stop tjenesten, gem filen, og læg en sikkerhedskopi tilbage.
        en What was read of the service's database is damaged.
        en> See the service's log and check the disk. If it lasts, stop the service, keep the file, and restore a back-up.
        """
}
