extension Catalogue {
    /// Subjects, headings and sentences of mails.
    static let mailTexts = """
        # mail_subject_importRefused
        da {merchant}: importen {connection} er afvist, intet er lagt i webshoppen
        en {merchant}: import {connection} refused, nothing was uploaded
        # mail_subject_importHeld
        da {merchant}: importen {connection} er holdt tilbage, intet er lagt i webshoppen
        en {merchant}: import {connection} held back, nothing was uploaded
        # mail_subject_importFailed
        da {merchant}: importen {connection} kunne ikke gennemføres
        en {merchant}: import {connection} failed
        # mail_subject_importLost
        da {merchant}: importen {connection} gik tabt undervejs
        en {merchant}: import {connection} was lost on the way
        # mail_subject_connectionParked
        da {merchant}: importen {connection} er parkeret og startes ikke mere
        en {merchant}: import {connection} is parked and will not be started
        # mail_subject_importTolerated
        da {merchant}: importen {connection} er i webshoppen, men {lackingItems:number} {lackingItems?vare|varer} mangler
        en {merchant}: import {connection} is in the shop, but {lackingItems:number} {lackingItems?item is|items are} missing
        # mail_subject_importStalled
        da {merchant}: importen {connection} er gået i stå
        en {merchant}: import {connection} has come to a standstill
        # mail_subject_setOutdated
        da {merchant}: webshoppen viser ældre tal end lovet ({connection})
        en {merchant}: the shop is older than promised ({connection})
        # mail_subject_shadowEnded
        da {merchant}: prøvetiden for importen {connection} er slut
        en {merchant}: shadow mode of import {connection} is over
        # mail_subject_disk
        da Sluice: {services} kan ikke gemme noget
        en Sluice: {services} can store nothing
        # mail_subject_disk_recovery
        da Sluice: alle tjenester kan gemme igen
        en Sluice: all services can store again
        # mail_disk
        da Disse tjenester har ikke kunnet gemme noget siden {since:time}: {services}. Intet er gået tabt, men importer bliver
           ikke lagt i webshopperne, og mails om dem kan vente, til der er plads.
        en These services have been able to store nothing since {since:time}: {services}. Nothing is lost, but imports are
           not published, and mails about them may wait until there is room.
        # mail_disk_do
        da Skaf plads på diskene, eller se, hvad der er galt med dem. Tjenesterne fortsætter af sig selv.
           'sluice health' viser, hvornår de gør det.
        en Make room on the disks, or see what is wrong with them. The services go on by themselves. 'sluice health'
           shows when they do.
        # mail_disk_recovery
        da {services} har ikke kunnet gemme noget siden {since:time}. Nu kan alle tjenester gemme igen.
        en {services} could store nothing since {since:time}. All services can store again now.
        # mail_subject_reminder
        da Påmindelse: {subject}
        en Reminder: {subject}
        # mail_subject_recovery
        da {merchant}: importen {connection} er i orden igen
        en {merchant}: import {connection} is well again
        # mail_subject_test
        da {merchant}: prøvemail fra Sluice
        en {merchant}: test mail from Sluice
        # mail_greeting
        da Hej
        en Hello
        # mail_heading_what
        da Hvad er der sket
        en What happened
        # mail_heading_shop
        da Webshoppen
        en The shop
        # mail_heading_figures
        da Tallene
        en The figures
        # mail_heading_do
        da Hvad du skal gøre først
        en What to do first
        # mail_heading_who
        da Hvem kan hjælpe
        en Who can help
        # mail_heading_missing
        da Varer, der mangler ({missing:number})
        en Missing items ({missing:number})
        # mail_heading_duplicates
        da Varenumre, der kom mere end én gang ({duplicates:number})
        en Item numbers that came more than once ({duplicates:number})
        # mail_heading_unreadable
        da Varer, der ikke kunne læses ({unreadable:number})
        en Items that could not be read ({unreadable:number})
        # mail_heading_checks_not_made
        da Kontroller, der ikke blev lavet
        en Checks that were not made
        # mail_heading_reference
        da Oplys dette, hvis du spørger support
        en Give this when you ask support
        # mail_occurred
        da Det skete i importen {connection}, der begyndte {startedAt:time}.
        en It happened in the import {connection} that began on {startedAt:time}.
        # mail_detail
        da Teknisk: {detail}
        en Technically: {detail}
        # mail_started_by
        da Importen blev startet i hånden af {startedBy}: {startReason}
        en The import was started by hand by {startedBy}: {startReason}
        # mail_nothing_uploaded
        da Intet er lagt i webshoppen. {target} viser stadig det, den fik {publishedAt:time}.
        en Nothing was uploaded. {target} still shows what it received on {publishedAt:time}.
        # mail_nothing_uploaded_ever
        da Intet er lagt i webshoppen. {target} har endnu ikke fået en import fra denne forbindelse.
        en Nothing was uploaded. {target} has not yet received an import from this connection.
        # mail_upload_unknown
        da Det er ikke sikkert, om {target} nåede at få importen, før den gik tabt. Den næste import retter det.
        en It is not certain whether {target} received the import before it was lost. The next import puts it right.
        # mail_upload_differs
        da Importen blev sendt til {target}, men noget passer ikke bagefter. Se nedenfor.
        en The import was sent to {target}, but something does not fit afterwards. See below.
        # mail_upload_partial
        da En del af importen ligger allerede i {target}.
        en A part of the import is in {target} already.
        # mail_upload_put_back
        da Rækkerne nåede at ligge i {target} og er lagt tilbage: {target} viser det, den viste før.
        en The rows were in {target} for a while and have been put back: {target} shows what it showed before.
        # mail_upload_in_doubt
        da Det er endnu ikke sikkert, om {target} har fået importen. Sluice finder selv ud af det.
        en It is not certain yet whether {target} has received the import. Sluice finds out by itself.
        # mail_uploaded
        da Importen er lagt i {target}.
        en The import was published to {target}.
        # mail_shop_has_it
        da {target} havde det hele i forvejen; intet er ændret.
        en {target} had it all before; nothing was changed.
        # mail_shop_as_of
        da {target} viser kilden, som den var {asOf:time}. Intet er gået tabt; den næste import, der lykkes, retter det.
        en {target} shows the source as it was on {asOf:time}. Nothing is lost; the next import that succeeds puts it right.
        # mail_shadow_ended
        da Prøvetiden for {connection} sluttede {shadowUntil:time}. Fra nu af stoppes en import, som kontrollen ikke kan stå
           inde for; indtil da blev den lagt i webshoppen alligevel.
        en Shadow mode of {connection} ended on {shadowUntil:time}. From now on an import that the checks cannot vouch for is
           stopped; until then it was published all the same.
        # mail_shadow_stops
        da Siden {shadowSince:time} ville {stops:number} {stops?import|importer} være blevet stoppet.
        en Since {shadowSince:time}, {stops:number} {stops?import|imports} would have been stopped.
        # mail_shadow_no_stops
        da Siden {shadowSince:time} ville ingen import være blevet stoppet.
        en Since {shadowSince:time}, no import would have been stopped.
        # mail_shadow_do
        da Se med support, hvad der ville være stoppet ('sluice policy would-have-stopped {connectionID}'), og om det var med
           rette. Var det ikke, så ret kilden eller grænserne ('sluice policy set'), før den næste import stoppes.
        en See with support what would have been stopped ('sluice policy would-have-stopped {connectionID}'), and whether
           rightly so. If not, correct the source or the limits ('sluice policy set') before the next import is stopped.
        # mail_also_held
        da Den holdes også tilbage på grund af dette:
        en It is also held for this:
        # mail_preview
        da Support ser med 'sluice run preview {run}', hvad importen ville ændre.
        en Support sees with 'sluice run preview {run}' what the import would change.
        # mail_heading_source_changes
        da Felter i kilden, der er anderledes end sidst
        en Fields of the source that are otherwise than before
        # mail_tolerance_used
        da Varer, der mangler: {lackingItems:number}. Op til {toleratedItems:number} må mangle på forbindelsen.
        en Items that are missing: {lackingItems:number}. Up to {toleratedItems:number} may be missing on this connection.
        # mail_tolerance_exceeded
        da Varer, der mangler: {lackingItems:number}. Kun {toleratedItems:number} må mangle på forbindelsen.
        en Items that are missing: {lackingItems:number}. Only {toleratedItems:number} may be missing on this connection.
        # mail_tolerance_unused
        da Ingen varer mangler; op til {toleratedItems:number} må mangle på forbindelsen.
        en No items are missing; up to {toleratedItems:number} may be missing on this connection.
        # mail_count_before
        da Antal varer i kilden før læsning: {countBefore:number}
        en Items in the source before reading: {countBefore:number}
        # mail_count_after
        da Antal varer i kilden efter læsning: {countAfter:number}
        en Items in the source after reading: {countAfter:number}
        # mail_read
        da Læste rækker: {read:number}
        en Rows read: {read:number}
        # mail_read_partly
        da Rækker, der nåede at blive læst: {read:number} på {pages:number} {pages?side|sider}
        en Rows read before it stopped: {read:number} on {pages:number} {pages?page|pages}
        # mail_distinct
        da Forskellige varenumre: {distinct:number}
        en Different item numbers: {distinct:number}
        # mail_page
        da Det gik galt på side {page} af {pages}.
        en It went wrong on page {page} of {pages}.
        # mail_page_reached
        da Det gik galt på side {page}.
        en It went wrong on page {page}.
        # mail_count_before_none
        da Antal varer i kilden før læsning: ikke oplyst
        en Items in the source before reading: not given
        # mail_count_after_none
        da Antal varer i kilden efter læsning: ikke oplyst
        en Items in the source after reading: not given
        # mail_count_after_not_reached
        da Antal varer i kilden efter læsning: nåede ikke at blive talt
        en Items in the source after reading: not counted any more
        # mail_more
        da … og {count:number} {count?mere|flere}.
        en … and {count:number} more.
        # mail_missing_item
        da {key}  {name}
        en {key}  {name}
        # mail_missing_gone
        da Mindst {gone:number} af dem tæller {source} ikke længere med: det er i orden, hvis de er slettet eller spærret dér.
        en At least {gone:number} of them {source} does not count any more: that is right if they were deleted or blocked there.
        # mail_list_attached
        da Listen er vedhæftet som {file}.
        en The list is attached as {file}.
        # mail_list_cut
        da Listen rummer de første {shown:number} af {count:number}.
        en The list holds the first {shown:number} of {count:number}.
        # mail_on_pages
        da {key}, side {pages}
        en {key}, {pageCount?page|pages} {pages}
        # mail_unreadable_item
        da Side {page}, plads {position}: {key}. {title} {remedy}
        en Page {page}, position {position}: {key}. {title} {remedy}
        # mail_no_key
        da uden varenummer
        en without item number
        # mail_guide
        da Er {source} ude af drift, så gå frem sådan:
        en If {source} is down, go through these steps:
        # mail_who_you
        da Det kan du selv gøre. Er du i tvivl, så skriv til {support}.
        en You can do this yourself. If in doubt, write to {support}.
        # mail_who_support
        da Det kan support hjælpe med. Skriv til {support}.
        en Support can help with this. Write to {support}.
        # mail_who_erpSupplier
        da Det kan de gøre, der passer {system}. Er du i tvivl, så skriv til {support}.
        en Whoever looks after {system} can do this. If in doubt, write to {support}.
        # mail_who_shopSupplier
        da Det kan de gøre, der passer {target}. Er du i tvivl, så skriv til {support}.
        en Whoever looks after {target} can do this. If in doubt, write to {support}.
        # mail_who_hostOperator
        da Det kan de gøre, der driver serverne. Er du i tvivl, så skriv til {support}.
        en Whoever runs the servers can do this. If in doubt, write to {support}.
        # mail_support_unnamed
        da jeres leverandør af Sluice
        en your provider of Sluice
        # mail_also_sent_to
        da Denne mail er også sendt til:
        en This mail also went to:
        # mail_sent_only_to_you
        da Denne mail er kun sendt til dig.
        en This mail went only to you.
        # mail_reference_run
        da Kørsel: {run}
        en Run: {run}
        # mail_reference_trace
        da Sporingsnummer: {trace}
        en Trace: {trace}
        # mail_reference_incident
        da Hændelse: {incident}
        en Incident: {incident}
        # mail_next_run
        da Den næste import er planlagt til {nextRunAt:time}.
        en The next import is planned for {nextRunAt:time}.
        # mail_next_run_none
        da Der er ikke planlagt flere importer.
        en No further import is planned.
        # mail_still_open
        da Det er stadig ikke i orden: {runs:number} {runs?import|importer} siden {openedAt:time} endte på samme måde.
        en It is still not in order: {runs:number} {runs?import|imports} since {openedAt:time} ended the same way.
        # mail_recovered
        da Importen {connection} lykkedes {finishedAt:time}. Webshoppen har nu det, kilden har.
        en The import {connection} succeeded on {finishedAt:time}. The shop now has what the source has.
        # mail_recovered_tolerated
        da Importen {connection} lykkedes {finishedAt:time}. Der mangler {lackingItems:number}
           {lackingItems?vare|varer}; op til {toleratedItems:number} må mangle på forbindelsen.
        en The import {connection} succeeded on {finishedAt:time}. {lackingItems:number} {lackingItems?item is|items are}
           missing; up to {toleratedItems:number} may be missing on this connection.
        # mail_recovered_what
        da Det, der var galt, er overstået:
        en What was wrong is over:
        # mail_recovered_line
        da Siden {openedAt:time}: {title}
        en Since {openedAt:time}: {title}
        # mail_publication
        da {module:word}: {created:number} nye, {updated:number} ændrede, {removed:number} fjernede
        en {module:word}: {created:number} created, {updated:number} updated, {removed:number} removed
        # mail_nothing_to_do
        da Du skal ikke gøre noget.
        en There is nothing you need to do.
        # mail_test_text
        da Dette er en prøve. Du står på listen over dem, der får besked, når en import for {merchant} ikke går, som den
           skal.
        en This is a test. You are on the list of those who are told when an import of {merchant} does not go as it should.
        # mail_signature
        da Sluice lægger kun noget i webshoppen, når hver eneste vare er gjort rede for.
        en Sluice lets nothing reach the shop until every item is accounted for.
        """
}
