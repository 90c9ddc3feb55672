import CoreTypes
import SchedulerAPI

/// The bounds of what people may set. Each check throws the fault a caller sees.
enum Validation {
    /// Trims white space at both ends, then measures in characters.
    static func text(_ text: String, _ field: String, _ range: ClosedRange<Int>) throws(SchedulerFault) -> String {
        let trimmed = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        let isPrintable = !trimmed.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard range.contains(trimmed.count), trimmed.utf8.count <= range.upperBound * 8, isPrintable else {
            throw .textLength(field: field, from: range.lowerBound, to: range.upperBound)
        }
        return trimmed
    }

    static func name(_ text: String, _ field: String = "name") throws(SchedulerFault) -> String {
        try self.text(text, field, 1...100)
    }

    static func reason(_ text: String) throws(SchedulerFault) -> String { try self.text(text, "reason", 1...200) }

    static func limit(_ limit: Int?, default usual: Int = 100) throws(SchedulerFault) -> Int {
        let limit = limit ?? usual
        guard (1...500).contains(limit) else { throw .outOfRange(field: "limit", from: 1, to: 500) }
        return limit
    }

    static func timeZone(_ name: String) throws(SchedulerFault) -> String {
        guard CivilZone(name) != nil else { throw .unknownTimeZone(String(name.prefix(64))) }
        return name
    }

    /// `https://host[:port][/path]`, nothing else: no user, query or fragment, no closing slash, no `..`.
    ///
    /// Which addresses a host may have is decided where the connection is made, not here.
    static func baseURL(_ text: String) throws(SchedulerFault) -> String {
        guard text.utf8.count <= 300, text.hasPrefix("https://") else { throw .invalidBaseURL }
        let rest = text.dropFirst("https://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard isAuthority(rest[..<slash]), isPath(rest[slash...]) else { throw .invalidBaseURL }
        return text
    }

    private static func isAuthority(_ text: Substring) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: ":"), text.last != "]" {
            guard let port = UInt16(text[text.index(after: colon)...]), port > 0,
                text[text.index(after: colon)...].utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return false }
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inside = host.dropFirst().dropLast()
            return inside.contains(":") && inside.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return host.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy(isLetterOrDigit(orOneOf: "-"))
            }
    }

    private static func isPath(_ text: Substring) -> Bool {
        guard !text.isEmpty else { return true }
        let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return segments.allSatisfy { segment in
            !segment.isEmpty && segment != "." && segment != ".."
                && segment.utf8.allSatisfy(isLetterOrDigit(orOneOf: "-._~"))
        }
    }

    private static func isLetterOrDigit(orOneOf others: String) -> (UInt8) -> Bool {
        { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || others.utf8.contains(byte)
        }
    }

    static func options(_ options: [String: String], of kind: SystemKind) throws(SchedulerFault) -> [String: String] {
        guard options.count <= 20,
            options.allSatisfy({ (1...50).contains($0.key.count) && $0.value.utf8.count <= 500 })
        else { throw .invalidSettings(field: "options") }
        for option in kind.requiredOptions where options[option]?.isEmpty ?? true { throw .optionMissing(option) }
        return options
    }

    static func credentials(_ sealed: SealedText) throws(SchedulerFault) -> SealedText {
        guard (1...100).contains(sealed.keyID.utf8.count), (1...1_000).contains(sealed.encapsulatedKey.utf8.count),
            (1...8_000).contains(sealed.ciphertext.utf8.count)
        else { throw .invalidSettings(field: "credentials") }
        return sealed
    }
}

extension Validation {
    static func modules(_ modules: [Module], of connection: [Module]? = nil) throws(SchedulerFault) -> [Module] {
        guard !modules.isEmpty, Set(modules).count == modules.count else { throw .invalidSettings(field: "modules") }
        if let connection, !Set(modules).isSubset(of: connection) { throw .modulesNotInConnection }
        return modules
    }

    static func settings(_ settings: ConnectionSettings) throws(SchedulerFault) -> ConnectionSettings {
        _ = try modules(settings.modules)
        guard (1...5_000).contains(settings.reading.pageSize) else {
            throw .outOfRange(field: "pageSize", from: 1, to: 5_000)
        }
        if let minutes = settings.promisedMinutes {
            guard (1...525_600).contains(minutes) else {
                throw .outOfRange(field: "promisedMinutes", from: 1, to: 525_600)
            }
        }
        if let filter = settings.reading.filter { _ = try text(filter, "filter", 1...1_000) }
        try products(settings.mapping.products)
        let prices = settings.mapping.prices
        guard isMap(prices.priceLists), !settings.modules.contains(.prices) || !prices.priceLists.isEmpty else {
            throw .invalidSettings(field: "priceLists")
        }
        guard prices.defaultCurrency.utf8.count == 3,
            prices.defaultCurrency.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
        else { throw .invalidSettings(field: "defaultCurrency") }
        let warehouses = settings.mapping.stock.warehouses
        guard isMap(warehouses), !settings.modules.contains(.stock) || !warehouses.isEmpty else {
            throw .invalidSettings(field: "warehouses")
        }
        return settings
    }

    private static func products(_ mapping: ProductMapping) throws(SchedulerFault) {
        _ = try name(mapping.name, "mapping.products.name")
        for field in [mapping.barcode, mapping.group, mapping.unit, mapping.taxCode] {
            if let field { _ = try name(field, "mapping.products") }
        }
        guard isMap(mapping.attributes) else { throw .invalidSettings(field: "attributes") }
    }

    private static func isMap(_ map: [String: String]) -> Bool {
        map.count <= 100 && map.allSatisfy { (1...100).contains($0.key.count) && (1...100).contains($0.value.count) }
    }
}
