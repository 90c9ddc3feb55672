extension Catalogue {
    /// What one service refuses, in the words of its subject.
    static let serviceTexts = """
        # unknown_merchant you
        da Der findes ingen kunde med nummeret {merchant}.
        da> Se kundens nummer på listen over integrationer.
        en There is no merchant with the number {merchant}.
        en> See the merchant's number in the list of integrations.
        # unknown_system you
        da Der findes intet system med nummeret {system}.
        da> Se systemets nummer på listen over systemer.
        en There is no system with the number {system}.
        en> See the system's number in the list of systems.
        # unknown_connection you
        da Der findes ingen forbindelse med nummeret {connection}.
        da> Se forbindelsens nummer på listen over forbindelser.
        en There is no connection with the number {connection}.
        en> See the connection's number in the list of connections.
        # unknown_run you
        da Der findes ingen kørsel med nummeret {run}.
        da> Se kørslens nummer på listen over kørsler.
        en There is no run with the number {run}.
        en> See the run's number in the list of runs.
        # text_length you
        da Teksten i {field} skal have {minimum} til {maximum} tegn.
        da> Gør den kortere eller længere.
        en The text in {field} must have {minimum} to {maximum} characters.
        en> Make it shorter or longer.
        # number_out_of_range you
        da Tallet i {field} skal ligge mellem {minimum} og {maximum}.
        da> Vælg et tal inden for grænserne.
        en The number in {field} must be between {minimum} and {maximum}.
        en> Choose a number within the limits.
        # invalid_base_url you
        da Systemets adresse er ikke en webadresse, der kan bruges.
        da> Skriv den som https://server:port, uden brugernavn og uden spørgsmålstegn.
        en The system's address is not a web address that can be used.
        en> Write it as https://server:port, without a user name and without a question mark.
        # invalid_schedule you
        da Planen {schedule} kan ikke læses.
        da> Skriv et interval eller et cron-udtryk med fem felter.
        en The schedule {schedule} cannot be read.
        en> Write an interval or a cron expression of five fields.
        # unknown_time_zone you
        da Tidszonen {timeZone} kendes ikke.
        da> Skriv den som Europe/Copenhagen.
        en The time zone {timeZone} is not known.
        en> Write it as Europe/Copenhagen.
        # invalid_settings you
        da Indstillingen {field} kan ikke virke.
        da> Se i vejledningen, hvad den må indeholde, og ret den.
        en The setting {field} cannot work.
        en> See in the guide what it may hold, and correct it.
        # system_lacks_option you
        da Et system af den slags kan ikke undvære indstillingen {option}.
        da> Angiv den, når systemet oprettes: '--option {option}=…'.
        en A system of this kind cannot do without the option {option}.
        en> Give it when the system is added: '--option {option}=…'.
        # switch_target_mismatch you
        da Kontakten passer ikke til det, den skal slå til eller fra.
        da> Nævn et modul for et modul, en forbindelse for en forbindelse, og intet for hele integrationen.
        en The switch does not fit what it should switch.
        en> Name a module for a module, a connection for a connection, and nothing for the whole integration.
        # credentials_needed_for_new_address you
        da Et system med ny adresse skal have sine loginoplysninger igen.
        da> Indtast loginoplysningerne sammen med den nye adresse; de gælder kun for den adresse, de er givet til.
        en A system with a new address needs its credentials again.
        en> Enter the credentials together with the new address; they hold only for the address they were given for.
        # modules_not_in_connection you
        da Forbindelsen flytter ikke alle de moduler, du beder om.
        da> Vælg blandt forbindelsens moduler, eller føj modulet til forbindelsen først.
        en The connection does not move all the modules you ask for.
        en> Choose among the connection's modules, or add the module to the connection first.
        # outcome_not_for_importers support
        da En import kan ikke selv melde dette resultat.
        da> Send kørslens nummer til support; fejlen er vores at rette.
        en An import cannot report this outcome itself.
        en> Send the run's number to support; the fault is ours to mend.
        # system_of_another_merchant you
        da Systemet {system} tilhører en anden kunde.
        da> Vælg et af kundens egne systemer.
        en The system {system} belongs to another merchant.
        en> Choose one of the merchant's own systems.
        # system_is_no_source you
        da Der kan ikke læses varer fra systemet {system}.
        da> Vælg et ERP-system som kilde.
        en Items cannot be read from the system {system}.
        en> Choose an ERP as the source.
        # system_is_no_target you
        da Der kan ikke lægges varer i systemet {system}.
        da> Vælg en webshop som mål.
        en Items cannot be published to the system {system}.
        en> Choose a shop as the target.
        # name_taken you
        da Navnet {name} er allerede i brug.
        da> Vælg et andet navn.
        en The name {name} is already in use.
        en> Choose another name.
        # run_already_active you
        da Der kører allerede en import for forbindelsen: {run}.
        da> Vent, til den er færdig, eller afbryd den først.
        en An import of the connection is already running: {run}.
        en> Wait until it has finished, or cancel it first.
        # run_already_over you
        da Kørslen {run} er allerede slut.
        da> Start en ny, hvis der er brug for det.
        en The run {run} is already over.
        en> Start a new one if it is needed.
        # run_being_published you
        da Kørslen {run} er ved at blive lagt i webshoppen; det er for sent at afbryde den.
        da> Vent, til den er færdig. Skal webshoppen tilbage til det, den viste før, så bed support om det.
        en The run {run} is being published to the shop; it is too late to cancel it.
        en> Wait until it has finished. If the shop is to go back to what it showed before, ask support.
        # run_already_reported support
        da Kørslen {run} er allerede meldt færdig med et andet resultat.
        da> Det første resultat står ved magt. Send kørslens nummer til support.
        en The run {run} was already reported finished with another outcome.
        en> The first outcome stands. Send the run's number to support.
        # run_skipped_overlap you
        da Importen blev sprunget over, fordi den forrige stadig var i gang.
        da> Du skal ikke gøre noget. Sker det ofte, så vælg længere tid mellem importerne.
        en The import was skipped, because the one before was still running.
        en> There is nothing you need to do. If it happens often, choose a longer time between imports.
        # run_skipped_modules_gone you
        da Importen blev sprunget over, fordi forbindelsen ikke længere flytter det, den skulle overføre.
        da> Du skal ikke gøre noget. Skal det overføres alligevel, så føj modulet til forbindelsen igen.
        en The import was skipped, because the connection no longer moves what it was to transfer.
        en> There is nothing you need to do. If it is to be transferred after all, add the module to the connection again.
        # run_skipped_parked support
        da Importen blev sprunget over, fordi forbindelsen er parkeret efter for mange mislykkede forsøg i træk.
        da> Bed support om at finde årsagen og frigive forbindelsen.
        en The import was skipped, because the connection is parked after too many failed tries in a row.
        en> Ask support to find the reason and release the connection.
        # run_skipped_importer_away support
        da Kørslen blev opgivet, fordi den eneste importør, der kunne udføre den, har været væk i et kvarter.
        da> Start importøren igen, og giv ordren igen, hvis den stadig ønskes. Almindelige importer fortsætter på de andre importører.
        en The run was given up, because the only importer that could carry it out has been away for a quarter of an hour.
        en> Start that importer again, and give the order again if it is still wanted. Ordinary imports go on at the others.
        # publishing_frozen you
        da Intet lægges i webshoppen: stoppet af {by} siden {since:time} ({reason}).
        da> Ophæv først stoppet ('sluice connection unfreeze').
        en Nothing is published: frozen by {by} since {since:time} ({reason}).
        en> Unfreeze the connection first ('sluice connection unfreeze').
        # run_not_held you
        da Kørslen {run} blev ikke tilbageholdt, så der er intet at afgøre.
        da> Se de seneste kørsler ('sluice run list').
        en Run {run} was not held, so there is nothing to decide.
        en> Look at the latest runs ('sluice run list').
        # held_run_released you
        da Kørslen {run} er allerede frigivet.
        da> Se den kørsel, der lægger den i webshoppen ('sluice run show').
        en Run {run} has been released already.
        en> Look at the run that publishes it ('sluice run show').
        # held_run_refused you
        da Kørslen {run} er allerede afvist, og det hentede er slettet.
        da> Start en ny kørsel.
        en Run {run} has been refused already, and what it fetched is deleted.
        en> Start a new run.
        # held_run_superseded you
        da Kørslen {run} er afløst af en nyere, og det hentede er slettet.
        da> Se på den nyeste kørsel af forbindelsen.
        en Run {run} was superseded by a newer one, and what it fetched is deleted.
        en> Look at the newest run of the connection.
        # held_run_expired you
        da Kørslen {run} ventede i et døgn uden en afgørelse, og det hentede er slettet.
        da> Start en ny kørsel.
        en Run {run} waited a day without a decision, and what it fetched is deleted.
        en> Start a new run.
        # no_such_published_set you
        da Der er intet tidligere sæt at gå tilbage til.
        da> Se, hvilke der er ('sluice connection sets').
        en There is no such earlier set to go back to.
        en> See which there are ('sluice connection sets').
        # connection_parked support
        da Forbindelsen {connection} er parkeret efter {tries:number} mislykkede forsøg i træk. Der startes ikke flere.
        da> Bed support om at finde årsagen i de seneste kørsler og derefter frigive forbindelsen
            ('sluice connection release').
        en The connection {connection} is parked after {tries:number} failed tries in a row. No more are started.
        en> Ask support to find the reason in the latest runs and then to release the connection
            ('sluice connection release').
        # run_skipped_unreadable support
        da Importen blev sprunget over, fordi det, der er gemt om forbindelsen, ikke kan læses.
        da> Bed support om at indtaste forbindelsens indstillinger igen.
        en The import was skipped, because what is stored about the connection cannot be read.
        en> Ask support to enter the settings of the connection again.
        # run_skipped_connection_gone support
        da Importen blev sprunget over, fordi forbindelsen ikke findes mere.
        da> Du skal ikke gøre noget. Mangler forbindelsen, så bed support om at oprette den igen.
        en The import was skipped, because the connection is not there any more.
        en> There is nothing you need to do. If the connection is missing, ask support to create it again.
        # run_skipped_switched_off you
        da Importen blev sprunget over, fordi noget er slået fra.
        da> Slå det til igen, når der må overføres.
        en The import was skipped, because something is switched off.
        en> Switch it on again when data may be transferred.
        # switched_off you
        da Der overføres ikke noget: {level:word} er slået fra af {by} {since:time} med begrundelsen "{reason}".
        da> Slå {level:word} til igen, eller bed support om at køre alligevel med en begrundelse.
        en Nothing is transferred: {level:word} was switched off by {by} on {since:time}, giving the reason "{reason}".
        en> Switch {level:word} on again, or ask support to run anyway, with a reason.
        # switched_off_integration you
        da Hele integrationen er slået fra.
        da> Slå den til under Indstillinger, eller bed support om at køre alligevel med en begrundelse.
        en The whole integration is switched off.
        en> Switch it on under Settings, or ask support to run anyway, with a reason.
        # switched_off_module you
        da Et modul, importen skal bruge, er slået fra.
        da> Slå modulet til under Indstillinger, eller bed support om at køre alligevel med en begrundelse.
        en A module the import needs is switched off.
        en> Switch the module on under Settings, or ask support to run anyway, with a reason.
        # switched_off_connection you
        da Forbindelsen er slået fra.
        da> Slå den til under Forbindelser, eller bed support om at køre alligevel med en begrundelse.
        en The connection is switched off.
        en> Switch it on under Connections, or ask support to run anyway, with a reason.
        # override_needs_support support
        da Kun support kan køre noget, der er slået fra.
        da> Slå det til, eller bed support om at køre det.
        en Only support can run what is switched off.
        en> Switch it on, or ask support to run it.
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
        # event_receipt_too_high hostOperator
        da {consumer} kvitterer for besked nr. {received}, men der er kun sendt til og med nr. {sent}.
        da> Driften skal se, om afsenderens database er gendannet fra en kopi uden ny generation. Intet er slettet.
        en {consumer} acknowledges message no. {received}, but only those up to no. {sent} were sent.
        en> Operations should see whether the sender's database was restored without a new generation. Nothing was deleted.
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

    /// What goes wrong between a caller and a service, before or beside the work itself.
    static let callTexts = """
        # method_not_found you
        da Der er ingen metode, der hedder {method}.
        da> Se navnene med 'sluice list', og om begge sider har samme version.
        en There is no method called {method}.
        en> See the names with 'sluice list', and whether both sides have the same version.
        # item_too_large support
        da Et led i svaret fylder {bytes:number} byte; højst {bytesMax:number} er tilladt.
        da> Send nummeret på kaldet til support.
        en One part of the answer is {bytes:number} bytes; at most {bytesMax:number} are allowed.
        en> Send the number of the request to support.
        # service_waited_for hostOperator
        da Tjenesten {service} kunne ikke nås i tide. Sidste forsøg: {detail}.
        da> Se, om tjenesten kører, og om adressen og certifikatet er rigtige. 'compose/up' starter det, der er gået i stå.
        en The service {service} could not be reached in time. The last try: {detail}.
        en> See whether the service is running, and whether address and certificate are right. 'compose/up' starts what has
            stopped.
        # service_unreachable hostOperator
        da Tjenesten {service} kan ikke nås: {detail}.
        da> Se, om tjenesten kører, og om adressen er rigtig. 'compose/up' starter det, der er gået i stå.
        en The service {service} cannot be reached: {detail}.
        en> See whether the service is running and the address is right. 'compose/up' starts what has stopped.
        # connection_lost hostOperator
        da Forbindelsen til tjenesten {service} blev afbrudt, før svaret kom: {detail}.
        da> Se efter, om det, du bad om, allerede er sket, før du prøver igen.
        en The connection to the service {service} was lost before the answer came: {detail}.
        en> See whether what you asked for has already happened before you try again.
        # call_cancelled you
        da Kaldet blev afbrudt.
        da> Prøv igen, hvis du stadig vil have det gjort.
        en The call was cancelled.
        en> Try again if you still want it done.
        # answer_not_understood support
        da Tjenesten gav et svar, som denne version ikke forstår: {problem}.
        da> Brug samme version overalt. Hjælper det ikke, så spørg support.
        en The service gave an answer this version does not understand: {problem}.
        en> Use the same version everywhere. If that does not help, ask support.
        # remote_error support
        da Den anden side svarede med en fejl uden nærmere forklaring: {message}.
        da> Se den anden sides log.
        en The other side answered with an error and no further words: {message}.
        en> See the other side's log.
        # idempotency_key_reused you
        da Nøglen, der skal hindre gentagelser, er allerede brugt til en anden forespørgsel.
        da> Brug en ny nøgle til en ny forespørgsel.
        en The key that prevents repetition was already used for another request.
        en> Use a new key for a new request.
        """
}
