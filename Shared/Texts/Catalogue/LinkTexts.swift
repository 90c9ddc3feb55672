extension Catalogue {
    /// What can go wrong between two services once the connection is secure: frames, calls, files of a run.
    static let linkTexts = """
        # frame_empty support
        da Der kom en tom ramme.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en An empty frame came.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # frame_too_long support
        da En ramme på {bytes} byte er længere end de tilladte {bytesMax}.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en A frame of {bytes} bytes is longer than the {bytesMax} allowed.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # not_json support
        da Det, der kom, er ikke JSON: {problem}.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en What came is not JSON: {problem}.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # invalid_request support
        da Det, der kom, er ikke et JSON-RPC-kald.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en What came is not a JSON-RPC request.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # invalid_params support
        da Kaldets parametre passer ikke til metoden: {problem}.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en The parameters do not fit the method: {problem}.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # empty_batch support
        da Et samlet kald var tomt.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en A batch was empty.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # batch_too_long support
        da Et samlet kald havde for mange kald.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en A batch had too many calls.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # stream_in_batch support
        da En strøm kan ikke være del af et samlet kald.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en A stream cannot be part of a batch.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # stream_without_id support
        da En strøm skal have et id.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en A stream needs an id.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # request_not_writable support
        da Kaldet kan ikke skrives som JSON.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en The request cannot be written as JSON.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # request_too_large support
        da Kaldet er for stort til én ramme.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en The request is too large for one frame.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # protocol_version_not_spoken support
        da Protokolversionen tales ikke her.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en That version of the protocol is not spoken here.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # protocol_version_unsupported support
        da De to ender har ingen fælles protokolversion.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en The two ends have no protocol version in common.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # first_frame_missing support
        da Der kom intet på forbindelsen i tide.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en Nothing came on the connection in time.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # connection_idle support
        da Forbindelsen blev lukket, fordi intet kom.
        da> Ret programmet, der kalder; protokollen står i Shared/RPC/PROTOCOL.md.
        en The connection was closed because nothing came.
        en> Mend the program that calls; the protocol is in Shared/RPC/PROTOCOL.md.
        # answer_too_large hostOperator
        da Svaret er for stort til én ramme.
        da> Se i importørens log, og se efter, om der er plads på disken.
        en The answer is too large for one frame.
        en> Look at the importer's log, and whether there is room on its disk.
        # stored_word_unknown hostOperator
        da Databasen indeholder et ord, denne version ikke kender.
        da> Se i importørens log, og se efter, om der er plads på disken.
        en The database holds a word this version does not know.
        en> Look at the importer's log, and whether there is room on its disk.
        # staging_database hostOperator
        da Filen med de hentede varer kunne ikke skrives.
        da> Se i importørens log, og se efter, om der er plads på disken.
        en The file of fetched items could not be written.
        en> Look at the importer's log, and whether there is room on its disk.
        # staging_file hostOperator
        da Filen med de hentede varer kunne ikke åbnes.
        da> Se i importørens log, og se efter, om der er plads på disken.
        en The file of fetched items could not be opened.
        en> Look at the importer's log, and whether there is room on its disk.
        # staging_damaged hostOperator
        da Filen med de hentede varer er beskadiget.
        da> Se i importørens log, og se efter, om der er plads på disken.
        en The file of fetched items is damaged.
        en> Look at the importer's log, and whether there is room on its disk.
        # staging_not_usable hostOperator
        da Filen med de hentede varer kan ikke bruges.
        da> Se i importørens log, og se efter, om der er plads på disken.
        en The file of fetched items cannot be used.
        en> Look at the importer's log, and whether there is room on its disk.
        # staging_page_unreadable hostOperator
        da En hentet side kan ikke læses igen.
        da> Se i importørens log, og se efter, om der er plads på disken.
        en A fetched page cannot be read again.
        en> Look at the importer's log, and whether there is room on its disk.
        # too_many_calls you
        da For mange kald er undervejs på én forbindelse.
        da> Prøv igen om et øjeblik.
        en Too many calls are under way on one connection.
        en> Try again in a moment.
        # too_many_connections you
        da Der er for mange forbindelser.
        da> Prøv igen om et øjeblik.
        en There are too many connections.
        en> Try again in a moment.
        # idempotency_key_in_progress you
        da Det samme kald er allerede undervejs.
        da> Prøv igen om et øjeblik.
        en The same call is already under way.
        en> Try again in a moment.
        # client_shut_down you
        da Forbindelsen er lukket, fordi programmet stopper.
        da> Prøv igen om et øjeblik.
        en The connection is closed because the program is stopping.
        en> Try again in a moment.
        # connection_drains you
        da Forbindelsen lukkes, fordi tjenesten stopper eller starter igen.
        da> Prøv igen om et øjeblik.
        en The connection is being closed because the service is stopping or restarting.
        en> Try again in a moment.
        # hello_missing you
        da Tjenesten {service} hilste ikke i tide.
        da> Prøv igen om et øjeblik.
        en The service {service} did not greet in time.
        en> Try again in a moment.
        # service_not_ready hostOperator
        da Tjenesten {service} kører, men kan ikke arbejde.
        da> Se i dens log og på dens disk.
        en The service {service} runs but cannot work.
        en> Look at its log and its disk.
        # method_unknown you
        da Der er ingen metode {method}.
        da> sluice list viser alle metoder.
        en There is no method {method}.
        en> sluice list shows all methods.
        # method_not_permitted support
        da Metoden {method} er ikke for {caller}.
        da> sluice describe viser, hvem der må kalde den.
        en The method {method} is not for {caller}.
        en> sluice describe shows who may call it.
        """
}
