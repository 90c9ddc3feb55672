import CoreTypes
import FoundationEssentials
import JSON
import Keys
import RPC
import SchedulerAPI

/// Makes the claims a scheduler would hand out for one connection.
struct ClaimMaking {
    private let key: SealingPublicKey
    private let shop: String
    private let pageSize: Int
    private let merchant = MerchantID(bytes: (1, 1))

    init(folder: String, shop: String, pageSize: Int) throws {
        key = try SealingKey(rawRepresentation: try KeyFile.read(folder + "/sealing.key")).publicKey
        self.shop = shop
        self.pageSize = pageSize
    }

    func claim(_ number: Int, source: String) throws -> ClaimedRun {
        ClaimedRun(
            runID: RunID(bytes: (2, UInt64(number))), fencingToken: Int64(number), leaseMs: 60_000,
            merchantID: merchant, connectionID: ConnectionID(bytes: (3, 3)), connectionLabel: "benchmark",
            source: try access(
                1, .sapBusinessOne, source, ["companyDatabase": "BENCH"], ["user": "bench", "password": "bench"]),
            target: try access(2, .genericWebshop, shop, [:], ["apiKey": "bench"]), settings: settings,
            modules: Module.allCases, trigger: .schedule,
            traceparent: Traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")!)
    }

    private var settings: ConnectionSettings {
        ConnectionSettings(
            reading: Reading(paging: .offset, pageSize: pageSize),
            mapping: Mapping(
                products: ProductMapping(taxCode: nil),
                prices: PriceMapping(priceLists: ["1": "retail", "2": "dealer", "3": "web"]),
                stock: StockMapping(warehouses: ["01": "main"])))
    }

    private func access(
        _ id: UInt64, _ kind: SystemKind, _ url: String, _ options: [String: String], _ credentials: [String: String]
    ) throws -> SystemAccess {
        let sealed = try key.seal(
            Secret(try JSON.encode(credentials)), boundTo: "\(merchant)/\(kind.rawValue)/\(url)")
        return SystemAccess(
            systemID: SystemID(bytes: (4, id)), merchantID: merchant, name: kind.rawValue, kind: kind, baseURL: url,
            options: options,
            credentials: SealedText(
                keyID: sealed.keyID, encapsulatedKey: Data(sealed.encapsulatedKey).base64EncodedString(),
                ciphertext: Data(sealed.ciphertext).base64EncodedString()))
    }
}
