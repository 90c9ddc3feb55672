import CoreTypes
import ImporterAPI
import JSON
import Outbound
public import SchedulerAPI
public import Staging

/// SAP Business One through its Service Layer.
///
/// Options of the system: `companyDatabase` (required), `pinnedKeys`, `caFile`, `countFilter` (see ``SAPOptions``).
/// - SeeAlso: DESIGN.md beside this folder.
public struct SAPBusinessOne: SourceConnector {
    public let system: String
    public let layout: ItemLayout
    public let readFilter: String
    let http: SystemHTTP
    let dialect: SAPDialect
    let session: SAPSession
    let reading: Reading
    let paging: Reading.Paging
    let options: SAPOptions
    var patience: Patience

    public var pages: PageLayout { PageLayout(items: "value", members: [dialect.nextLink]) }

    /// - Throws: ``SystemFault`` when an option or the credentials are missing.
    init(_ access: SystemAccess, credentials: Credentials, reading: Reading, _ making: ConnectorMaking) throws {
        guard let base = BaseURL(access.baseURL) else {
            throw SystemFault(.connection, "\(access.baseURL) is not an address").from(access.name)
        }
        options = try SAPOptions(access)
        system = access.name
        dialect = options.dialect
        http = SystemHTTP(
            base: base, sender: making.sender, system: access.name, trust: making.trust(of: access),
            pageBytesMax: making.pageBytesMax)
        patience = making.patience
        self.reading = reading
        paging = reading.pagingInForce
        readFilter = reading.filter ?? Self.sellable
        layout = Self.itemLayout
        session = SAPSession(
            http: http, service: dialect.root,
            credentials: .init(
                company: options.company, user: try credentials.required("user", of: access.name),
                password: try credentials.required("password", of: access.name)))
    }

    /// What a shop can sell.
    static let sellable = "SalesItem eq 'tYES' and Valid eq 'tYES' and Frozen eq 'tNO'"

    static let itemLayout = ItemLayout(
        key: "ItemCode",
        prices: PriceLayout(array: "ItemPrices", list: "PriceList", price: "Price", currency: "Currency"),
        stock: StockLayout(
            array: "ItemWarehouseInfoCollection", warehouse: "WarehouseCode", onHand: "InStock",
            committed: "Committed", ordered: nil),
        activeWhen: [FieldValue("Valid", "tYES"), FieldValue("Frozen", "tNO")])

    /// Fields that are asked for whatever the mapping says: one that is not there is no fault of the mapping.
    static let ownFields: Set<String> = Set(
        SAPChangeToken.fields.split(separator: ",").map(String.init)
            + ["ItemCode", "ItemPrices", "ItemWarehouseInfoCollection", "SalesItem", "Valid", "Frozen"])

    public func count() async throws -> SourceCount {
        let filter = options.countFilter ?? readFilter
        do {
            let answer = try await read(SAPQuery("Items/$count").with("$filter", filter))
            let text = String(decoding: answer, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
            guard let count = Int(text.prefix { $0.isNumber }), (0...JSONValue.wholeMax).contains(count) else {
                throw fault(SystemFault(.answer, "the count is not a number"))
            }
            return SourceCount(count: count, filter: filter)
        } catch let fault as SystemFault where Self.meansNoCount(fault) {
            return SourceCount(count: nil, filter: filter)
        }
    }

    /// Refusing the question is an answer: there is no count to be had, and the run will be unverifiable.
    private static func meansNoCount(_ fault: SystemFault) -> Bool {
        guard let status = fault.status else { return false }
        return [400, 404, 405, 501].contains(status)
    }

    /// `UpdateDate` is of the item's own record. Deliveries, receipts and orders move its stock without it.
    public var unmarkedModules: Set<Module> { [.stock] }

    public func changeToken() async throws -> String? {
        // Over all items, not only sellable ones: an edit that takes an item out of the filter must show.
        let edited = try await newest("UpdateDate desc,UpdateTime desc,ItemCode desc")
        // A row just created may have no UpdateDate yet.
        let created = try await newest("CreateDate desc,CreateTime desc,ItemCode desc")
        return SAPChangeToken(edited: edited, created: created)?.text
    }

    /// The first rows in this order: enough of them to see how many share the newest second.
    private func newest(_ order: String) async throws -> [JSONValue] {
        let query = SAPQuery("Items").with("$select", SAPChangeToken.fields).with("$orderby", order)
            .with("$top", "\(SAPChangeToken.rows)")
        let answer = try await read(query, pageSize: SAPChangeToken.rows)
        guard let value = try? JSON.decode(JSONValue.self, from: answer), let rows = value["value"]?.elements else {
            throw fault(SystemFault(.answer, "the newest item cannot be read"))
        }
        return rows
    }

    public func logOut() async { await session.logOut() }

    /// Sends a read within the session and the run's patience and returns the body of a 200.
    func read(_ query: SAPQuery, pageSize: Int? = nil) async throws -> [UInt8] {
        try await patience.retrying {
            let response = try await open(http.base.appending("\(dialect.root)/\(query.encoded)"), pageSize: pageSize)
            do throws(OutboundError) {
                return try await response.collect(upTo: SystemHTTP.answerBytesMax)
            } catch {
                throw http.fault(of: error)
            }
        }
    }

    /// Sends one read; when the server has forgotten the session, logs in once more and sends it again.
    func open(_ url: String, pageSize: Int?) async throws -> HTTPBody {
        let ticket = try await session.ticket(patience)
        do {
            return try await send(url, pageSize, ticket)
        } catch let fault as SystemFault where fault.isSessionGone {
            return try await send(url, pageSize, try await session.ticket(insteadOf: ticket, patience))
        }
    }

    private func send(_ url: String, _ pageSize: Int?, _ ticket: SAPSession.Ticket) async throws -> HTTPBody {
        var headers = [HTTPHeader("Cookie", ticket.cookies), HTTPHeader("Accept", "application/json")]
        // Sent with each page: a server that misses it falls back to 20 rows.
        if let pageSize { headers.append(HTTPHeader("Prefer", "odata.maxpagesize=\(pageSize)")) }
        let response = try await http.open(
            HTTPRequest(.get, url, headers: headers, maxBodyBytes: http.pageBytesMax))
        guard response.status == 200 else {
            let body = (try? await response.body.collect(upTo: SystemHTTP.answerBytesMax)) ?? []
            let refusal = SystemFault(
                sapStatus: response.status, headers: response.headers, body: body, isLogin: false)
            throw fault(refusal.ofQuery(filter: reading.filter))
        }
        return response.body
    }

    func fault(_ fault: SystemFault) -> SystemFault { fault.from(system) }
}
