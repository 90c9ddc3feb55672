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
        # merchant_not_found you
        da Der findes ingen kunde med nummeret {id}.
        da> Se kundens nummer med 'sluice integrations list'.
        en There is no merchant with the number {id}.
        en> See the merchant's number with 'sluice integrations list'.
        # system_not_found you
        da Der findes intet system med nummeret {id}.
        da> Se systemets nummer på listen over systemer.
        en There is no system with the number {id}.
        en> See the system's number in the list of systems.
        # connection_not_found you
        da Der findes ingen forbindelse med nummeret {id}.
        da> Se forbindelsens nummer med 'sluice connections list'.
        en There is no connection with the number {id}.
        en> See the connection's number with 'sluice connections list'.
        # run_not_found you
        da Der findes ingen kørsel med nummeret {id}.
        da> Se kørslens nummer med 'sluice runs list'.
        en There is no run with the number {id}.
        en> See the run's number with 'sluice runs list'.
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
        # service_unreachable hostOperator
        da Tjenesten kan ikke nås: ingen lytter på {address}.
        da> Se, om tjenesten kører, og om adressen er rigtig. 'compose/up' starter det, der er gået i stå.
        en The service cannot be reached: nobody listens at {address}.
        en> See whether the service is running and the address is right. 'compose/up' starts what has stopped.
        # connection_lost hostOperator
        da Forbindelsen til tjenesten blev afbrudt, før svaret kom.
        da> Se efter, om det, du bad om, allerede er sket, før du prøver igen.
        en The connection to the service was lost before the answer came.
        en> See whether what you asked for has already happened before you try again.
        # draining hostOperator
        da Tjenesten er ved at lukke ned og tager ikke nye kald.
        da> Prøv igen om lidt; en anden eller den genstartede tjeneste svarer.
        en The service is shutting down and takes no new calls.
        en> Try again shortly; another or the restarted service will answer.
        # overloaded hostOperator
        da Tjenesten har for meget at lave lige nu.
        da> Prøv igen om lidt.
        en The service has too much to do just now.
        en> Try again shortly.
        # deadline_exceeded you
        da Svaret nåede ikke frem i tide.
        da> Prøv igen, eller giv mere tid. Se først, om det, du bad om, allerede er sket.
        en The answer did not come in time.
        en> Try again, or allow more time. First see whether what you asked for has already happened.
        # call_cancelled you
        da Kaldet blev afbrudt.
        da> Prøv igen, hvis du stadig vil have det gjort.
        en The call was cancelled.
        en> Try again if you still want it done.
        # internal support
        da Der skete en fejl i Sluice.
        da> Send nummeret på kaldet til support; fejlen er vores at rette.
        en A fault happened in Sluice.
        en> Send the number of the request to support; the fault is ours to mend.
        # answer_not_understood support
        da Tjenesten gav et svar, som denne version ikke forstår.
        da> Brug samme version overalt. Hjælper det ikke, så spørg support.
        en The service gave an answer this version does not understand.
        en> Use the same version everywhere. If that does not help, ask support.
        # unimplemented support
        da Tjenesten kan ikke det, du beder om.
        da> Se med 'sluice list', hvad den kan, og om begge sider har samme version.
        en The service cannot do what you ask for.
        en> See with 'sluice list' what it can do, and whether both sides have the same version.
        # method_not_found you
        da Der er ingen metode, der hedder {method}.
        da> Se navnene med 'sluice list'.
        en There is no method called {method}.
        en> See the names with 'sluice list'.
        # idempotency_key_reused you
        da Nøglen, der skal hindre gentagelser, er allerede brugt til en anden forespørgsel.
        da> Brug en ny nøgle til en ny forespørgsel.
        en The key that prevents repetition was already used for another request.
        en> Use a new key for a new request.
        # idempotency_key_required you
        da Denne handling må kun gentages med en nøgle, der hindrer, at den sker to gange.
        da> Send en idempotency key med.
        en This action may be repeated only with a key that keeps it from happening twice.
        en> Send an idempotency key along.
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
        # run_already_active you
        da Der kører allerede en import for forbindelsen.
        da> Vent, til den er færdig, eller afbryd den først.
        en An import of the connection is already running.
        en> Wait until it has finished, or cancel it first.
        # run_already_over you
        da Kørslen er allerede slut.
        da> Start en ny, hvis der er brug for det.
        en The run is already over.
        en> Start a new one if it is needed.
        # run_already_reported support
        da Kørslen er allerede meldt færdig med et andet resultat.
        da> Det første resultat står ved magt. Send kørslens nummer til support.
        en The run was already reported finished with another outcome.
        en> The first outcome stands. Send the run's number to support.
        # switched_off you
        da Der overføres ikke noget, fordi noget er slået fra.
        da> Slå det til igen, eller bed support om at køre alligevel med en begrundelse.
        en Nothing is transferred, because something is switched off.
        en> Switch it on again, or ask support to run anyway, with a reason.
        # switched_off_integration you
        da Hele integrationen er slået fra.
        da> Slå integrationen til under Indstillinger, eller bed support om at køre alligevel med en begrundelse.
        en The whole integration is switched off.
        en> Switch the integration on under Settings, or ask support to run anyway, with a reason.
        # switched_off_module you
        da Modulet {module} er slået fra.
        da> Slå modulet til under Indstillinger, eller bed support om at køre alligevel med en begrundelse.
        en The module {module} is switched off.
        en> Switch the module on under Settings, or ask support to run anyway, with a reason.
        # switched_off_connection you
        da Forbindelsen er slået fra.
        da> Slå den til under Forbindelser, eller bed support om at køre alligevel med en begrundelse.
        en The connection is switched off.
        en> Switch it on under Connections, or ask support to run anyway, with a reason.
        # name_taken you
        da Navnet {name} er allerede i brug.
        da> Vælg et andet navn.
        en The name {name} is already in use.
        en> Choose another name.
        # override_needs_support support
        da Kun support kan køre noget, der er slået fra.
        da> Slå det til, eller bed support om at køre det.
        en Only support can run what is switched off.
        en> Switch it on, or ask support to run it.
        # evidence_differs support
        da Der er allerede afsagt en dom over denne læsning ud fra andre tal.
        da> Den første dom står ved magt. Start en ny import.
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
        # event_gap support
        da En besked mellem to tjenester mangler: ventede nr. {expected} fra {producer}, fik nr. {received}.
        da> Afsenderen prøver igen af sig selv. Bliver det ved, så send linjen til support.
        en A message between two services is missing: expected no. {expected} from {producer}, got no. {received}.
        en> The sender tries again by itself. If it goes on, send this line to support.
        # event_generation_old hostOperator
        da {producer} sender fra en database, der er ældre end den, vi kender.
        da> Driften skal se, om {producer} er gendannet fra en gammel kopi, eller om en gammel proces stadig kører.
        en {producer} is sending from a database older than the one known here.
        en> Operations should see whether {producer} was restored from an old copy, or an old process is still running.
        # event_unknown support
        da Der kom en besked af en slags, som tjenesten ikke kender: {type}.
        da> Brug samme version af alle tjenester.
        en A message of a kind the service does not know came in: {type}.
        en> Use the same version of all services.
        # no_route_to_consumer hostOperator
        da Der er ingen adresse på tjenesten {consumer}.
        da> Sæt adressen i opsætningen.
        en There is no address for the service {consumer}.
        en> Set the address in the configuration.
        """
}
