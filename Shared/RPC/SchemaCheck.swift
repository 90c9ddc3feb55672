public import JSON

extension JSONValue {
    /// Where a value differs from a JSON Schema, as `path: what was expected`; empty when it fits.
    ///
    /// Knows `type`, `properties`, `required`, `additionalProperties`, `items`, `enum`, `anyOf` and `minimum`. Stricter
    /// than JSON Schema in one way: where `properties` are given without `additionalProperties`, others are faults.
    public func faults(against schema: JSONValue, path: String = "") -> [String] {
        if let options = schema["anyOf"]?.arrayValue {
            let fits = options.contains { faults(against: $0, path: path).isEmpty }
            return fits ? [] : ["\(path): fits none of \(options.count) shapes"]
        }
        if let choices = schema["enum"]?.arrayValue, !choices.contains(self) {
            return ["\(path): is none of the values allowed"]
        }
        guard let type = schema["type"]?.stringValue else { return [] }
        guard hasType(type) else { return ["\(path): expected \(type)"] }
        switch self {
        case .object(let members): return faults(of: members, against: schema, path: path)
        case .array(let elements):
            guard let items = schema["items"] else { return [] }
            return elements.enumerated().flatMap { $1.faults(against: items, path: "\(path)[\($0)]") }
        case .number(let text):
            guard case .number(let minimum)? = schema["minimum"], let least = Double(minimum), let value = Double(text)
            else { return [] }
            return value < least ? ["\(path): expected at least \(minimum)"] : []
        default: return []
        }
    }

    private func hasType(_ type: String) -> Bool {
        switch self {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let text): type == "number" || type == "integer" && Int128(text) != nil
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    private func faults(
        of members: [(key: String, value: JSONValue)], against schema: JSONValue, path: String
    ) -> [String] {
        let prefix = path.isEmpty ? "" : path + "."
        let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let missing = required.filter { self[$0] == nil }.map { "\(prefix)\($0): is missing" }
        let wrong = members.flatMap { key, value -> [String] in
            if let property = schema["properties"]?[key] { return value.faults(against: property, path: prefix + key) }
            if let other = schema["additionalProperties"] { return value.faults(against: other, path: prefix + key) }
            return schema["properties"] == nil ? [] : ["\(prefix)\(key): is not in the schema"]
        }
        return missing + wrong
    }
}
