extension Catalogue {
    /// The checks of an import, and what is needed to make one that was not made; notes beside a verdict.
    static let checkTexts = """
        # check_zero_rule you
        da Kilden må ikke svare "ingen varer", når webshoppen har varer derfra.
        da> Denne kontrol laves altid.
        en The source may not answer "no items" when the shop has items from it.
        en> This check is always made.
        # check_items_readable you
        da Der er set efter, om hver eneste vare kunne læses.
        da> Denne kontrol laves altid.
        en It was looked at whether every single item could be read.
        en> This check is always made.
        # check_count_before erpSupplier
        da Kilden talte sine varer før læsningen.
        da> Mangler kontrollen, så bed dem, der passer kilden, om at lade brugeren tælle varer.
        en The source counted its items before reading.
        en> If this check is missing, ask whoever looks after the source to let the user count items.
        # check_count_after erpSupplier
        da Kilden talte sine varer igen efter læsningen.
        da> Mangler kontrollen, så bed dem, der passer kilden, om at lade brugeren tælle varer.
        en The source counted its items again after reading.
        en> If this check is missing, ask whoever looks after the source to let the user count items.
        # check_filters_equal support
        da Filtrene, der blev talt og læst med, er holdt op mod hinanden.
        da> Mangler kontrollen, så er der ikke talt; se kontrollen af antallet.
        en The filters that items were counted and read with were compared.
        en> If this check is missing, nothing was counted; see the check of the counts.
        # check_distinct_keys support
        da Der er set efter, om et varenummer kom to gange, og hvor mange forskellige der kom.
        da> Mangler kontrollen, så bed support om at slå importovervågningen til.
        en It was looked at whether an item number came twice, and how many different ones came.
        en> If this check is missing, ask support to switch import monitoring on.
        # check_change_token erpSupplier
        da Kildens seneste ændring før og efter læsningen er holdt op mod hinanden.
        da> Mangler kontrollen, så oplyser kilden ikke, hvornår varer sidst er ændret; varenumrene læses i stedet en
            gang til.
        en The source's latest change before and after reading was compared.
        en> If this check is missing, the source does not say when items were last changed; the item numbers are read a
            second time instead.
        # check_stock_moment you
        da Kildens mærke for ændringer dækker ikke lagerbevægelser; lageret kan være fra forskellige øjeblikke af læsningen.
        da> Du skal ikke gøre noget; den næste import læser lageret igen.
        en The source's change mark does not cover stock movements; stock may be from different moments of the reading.
        en> There is nothing you need to do; the next import reads the stock again.
        # check_second_sweep support
        da Varenumrene blev læst en gang til og holdt op mod dem fra første gang.
        da> Kontrollen laves kun, når kilden blev ændret under læsningen eller ikke oplyser sin seneste ændring.
        en The item numbers were read a second time and compared with those of the first.
        en> This check is made only when the source was changed while it was read, or does not tell its latest change.
        # check_pages support
        da For hver side er antal, første og sidste varenummer og en kontrolsum gemt.
        da> Mangler kontrollen, så bed support om at slå importovervågningen til.
        en For each page the number of rows, the first and last item number and a checksum are kept.
        en> If this check is missing, ask support to switch import monitoring on.
        # check_read_back_count support
        da Antallet af rækker, webshoppen viser bagefter, er holdt op mod det, der blev lagt ind.
        da> Mangler kontrollen, så svarede webshoppen ikke bagefter; se efter i den.
        en The number of rows the shop shows afterwards was compared with what was published.
        en> If this check is missing, the shop did not answer afterwards; have a look at it.
        # check_read_back_keys shopSupplier
        da Varenumrene, webshoppen viser bagefter, er holdt op mod dem, der blev lagt ind.
        da> Mangler kontrollen, så gav webshoppen ingen liste over sine rækker.
        en The item numbers the shop shows afterwards were compared with those that were published.
        en> If this check is missing, the shop gave no list of its rows.
        # note_edited_while_reading you
        da Nogen rettede varer, mens der blev læst; de kommer med i den næste import.
        da> Du skal ikke gøre noget.
        en Somebody edited items while they were read; the edits come with the next import.
        en> There is nothing you need to do.
        """

    /// What became of what a lost run had read, in the run that was queued in its place.
    static let earlierReadTexts = """
        # earlier_read_resumed you
        da Læsningen fortsatte ved side {page}, efter at kørslen {run} standsede {at:time}. De {rows:number} varer, den havde læst, blev kontrolleret og beholdt, for kilden viser ingen ændring.
        da> Du skal ikke gøre noget; alle kontroller gælder hele læsningen.
        en Reading was resumed at page {page}, after run {run} had stopped at {at:time}. The {rows:number} items it had read were proven and kept, as the source shows no change.
        en> There is nothing you need to do; all checks are of the whole read.
        # earlier_read_notKept you
        da Alt blev læst forfra: af det, den tabte kørsel nåede at læse, findes intet her.
        da> Du skal ikke gøre noget.
        en Everything was read from the start: nothing that the lost run had read is kept here.
        en> There is nothing you need to do.
        # earlier_read_notReentrant you
        da Alt blev læst forfra: kildens sider kan ikke genoptages midt i.
        da> Vil du have, at en afbrudt læsning kan fortsætte, så læs efter nøgle (sluice connection update --paging keyset).
        en Everything was read from the start: the source's pages cannot be entered in the middle.
        en> To let a read that was cut off go on, read by key (sluice connection update --paging keyset).
        # earlier_read_noChangeToken you
        da Alt blev læst forfra: kilden kan ikke sige, om der er rettet noget, siden kørslen {run} læste.
        da> Du skal ikke gøre noget.
        en Everything was read from the start: the source cannot say whether anything was edited since run {run} read it.
        en> There is nothing you need to do.
        # earlier_read_sourceChanged you
        da Alt blev læst forfra: der er rettet i kilden, siden kørslen {run} læste.
        da> Du skal ikke gøre noget.
        en Everything was read from the start: the source was edited since run {run} read it.
        en> There is nothing you need to do.
        # earlier_read_countDiffers you
        da Alt blev læst forfra: kilden tæller et andet antal varer, end da kørslen {run} læste.
        da> Du skal ikke gøre noget.
        en Everything was read from the start: the source counts another number of items than when run {run} read it.
        en> There is nothing you need to do.
        # earlier_read_settingsChanged you
        da Alt blev læst forfra: forbindelsen er stillet anderledes ind, end da kørslen {run} læste.
        da> Du skal ikke gøre noget.
        en Everything was read from the start: the connection is set otherwise than when run {run} read.
        en> There is nothing you need to do.
        # earlier_read_damaged hostOperator
        da Alt blev læst forfra: det, kørslen {run} havde gemt, er ikke det, den læste.
        da> Se i importørens log efter fejl på disken.
        en Everything was read from the start: what run {run} had kept is not what it had read.
        en> Look for faults of the disk in the importer's log.
        # earlier_read_tooOld you
        da Alt blev læst forfra: det er for længe siden, kørslen {run} læste.
        da> Du skal ikke gøre noget.
        en Everything was read from the start: it is too long since run {run} read.
        en> There is nothing you need to do.
        """

    /// What of a source's fields is otherwise than before.
    static let sourceTexts = """
        # source_field_appeared you
        da Kilden har et nyt felt: {field} ({now}).
        da> Skal det i webshoppen, så vælg det i forbindelsens indstillinger.
        en The source has a new field: {field} ({now}).
        en> If it is to go to the shop, choose it in the connection's settings.
        # source_field_vanished you
        da Kilden har ikke længere feltet {field} ({was}).
        da> Du skal ikke gøre noget; det bliver ikke læst.
        en The source no longer has the field {field} ({was}).
        en> There is nothing you need to do; it is not read.
        # source_field_retyped you
        da Feltet {field} hos kilden er nu {now}; det var {was}.
        da> Du skal ikke gøre noget; det bliver ikke læst.
        en The source's field {field} is now {now}; it was {was}.
        en> There is nothing you need to do; it is not read.
        # source_mapped_field_vanished erpSupplier
        da Kilden har ikke længere feltet {field} ({was}), som webshoppen får.
        da> Spørg dem, der passer kilden, hvad der er ændret, eller vælg et andet felt.
        en The source no longer has the field {field} ({was}), which the shop gets.
        en> Ask whoever looks after the source what was changed, or choose another field.
        # source_mapped_field_appeared you
        da Feltet {field} ({now}), som webshoppen får, er kommet til hos kilden.
        da> Se med sluice connection try, om varerne ser rigtige ud.
        en The field {field} ({now}), which the shop gets, is new in the source.
        en> See with sluice connection try whether the items look right.
        # source_mapped_field_retyped erpSupplier
        da Feltet {field}, som webshoppen får, er nu {now} hos kilden; det var {was}.
        da> Se med sluice connection try, om varerne ser rigtige ud, og spørg dem, der passer kilden.
        en The field {field}, which the shop gets, is now {now} in the source; it was {was}.
        en> See with sluice connection try whether the items look right, and ask whoever looks after the source.
        """

    /// Why one item could not be read; the staging of the importer names the reasons.
    static let itemTexts = """
        # item_not_an_object erpSupplier
        da Varen er ikke skrevet på den måde, kilden plejer.
        da> Send side og plads til dem, der passer kilden.
        en The item is not written the way the source writes items.
        en> Send page and position to whoever looks after the source.
        # item_key_missing you
        da Varen har intet varenummer.
        da> Giv varen et varenummer i kilden.
        en The item has no item number.
        en> Give the item an item number in the source.
        # item_key_too_long you
        da Varenummeret er længere end de 100 tegn, webshoppen kan have.
        da> Forkort varenummeret i kilden.
        en The item number is longer than the 100 characters the shop can hold.
        en> Shorten the item number in the source.
        # item_key_not_text you
        da Varenummeret indeholder tegn, der ikke kan bruges i et varenummer.
        da> Ret varenummeret i kilden.
        en The item number contains characters an item number cannot have.
        en> Correct the item number in the source.
        # item_field_twice erpSupplier
        da Varen har det samme felt to gange, så det ikke kan ses, hvilket der gælder.
        da> Send side og plads til dem, der passer kilden.
        en The item has the same field twice, so it cannot be told which one holds.
        en> Send page and position to whoever looks after the source.
        # item_name_missing you
        da Varen har intet navn.
        da> Giv varen et navn i kilden.
        en The item has no name.
        en> Give the item a name in the source.
        # item_field_not_a_value erpSupplier
        da Et felt på varen indeholder en liste, hvor der skulle stå én værdi.
        da> Bed support om at rette forbindelsens feltvalg.
        en A field of the item holds a list where one value is expected.
        en> Ask support to correct the fields of the connection.
        # item_number_too_long you
        da Et tal på varen har flere cifre, end der kan regnes med.
        da> Ret pris eller lagertal i kilden.
        en A number of the item has more digits than can be handled.
        en> Correct the price or stock in the source.
        # item_prices_missing erpSupplier
        da Varen kom uden sin liste af priser.
        da> Se i kilden, om brugeren må læse priser; er alt i orden, så start importen igen.
        en The item came without its list of prices.
        en> See in the source whether the user may read prices; if all is well, start the import again.
        # item_price_list_unknown you
        da Varen mangler en prisliste, som forbindelsen skal bruge.
        da> Opret prislisten i kilden, eller tag den af forbindelsen.
        en The item lacks a price list the connection needs.
        en> Make the price list in the source, or take it off the connection.
        # item_price_list_twice erpSupplier
        da Varen har to priser i samme prisliste.
        da> Ret priserne i kilden.
        en The item has two prices in the same price list.
        en> Correct the prices in the source.
        # item_price_not_a_number you
        da Varens pris er ikke et tal.
        da> Ret prisen i kilden.
        en The item's price is not a number.
        en> Correct the price in the source.
        # item_currency_not_text you
        da Valutaen på varens pris kan ikke læses.
        da> Ret valutaen i kilden til tre bogstaver, for eksempel DKK.
        en The currency of the item's price cannot be read.
        en> Correct the currency in the source to three letters, as DKK.
        # item_stock_missing erpSupplier
        da Varen kom uden sine lagertal.
        da> Se i kilden, om brugeren må læse lager; er alt i orden, så start importen igen.
        en The item came without its stock.
        en> See in the source whether the user may read stock; if all is well, start the import again.
        # item_warehouse_unknown you
        da Varen mangler et lager, som forbindelsen skal bruge.
        da> Opret lageret i kilden, eller tag det af forbindelsen.
        en The item lacks a warehouse the connection needs.
        en> Make the warehouse in the source, or take it off the connection.
        # item_warehouse_twice erpSupplier
        da Varen har to lagertal for samme lager.
        da> Ret lagertallene i kilden.
        en The item has two stock figures for the same warehouse.
        en> Correct the stock in the source.
        # item_stock_not_a_number you
        da Varens lagertal er ikke et tal.
        da> Ret lagertallet i kilden.
        en The item's stock is not a number.
        en> Correct the stock in the source.
        """
}
