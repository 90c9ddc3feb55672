public import JSON

extension Schema {
    /// As JSON Schema, complete in itself.
    public var json: JSONValue {
        var names = SchemaNames(areInlined: true)
        return names.json(of: self)
    }
}

/// Writes schemas as JSON Schema, and keeps each named one once for all of a document.
struct SchemaNames {
    /// Whether named schemas stand where they are used instead of being referred to.
    var areInlined = false
    private var schemas: [String: JSONValue] = [:]
    /// Names that two different types have.
    private(set) var ambiguous: Set<String> = []

    init(areInlined: Bool = false) { self.areInlined = areInlined }

    /// The named schemas, sorted by name.
    var components: JSONValue { .object(schemas.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }) }

    mutating func json(of schema: Schema) -> JSONValue {
        switch schema {
        case .any: .object([])
        case .boolean: ["type": "boolean"]
        case .integer(let minimum): Self.typed("integer", ("minimum", minimum.map(JSONValue.number)))
        case .number: ["type": "number"]
        case .string(let format, let pattern):
            Self.typed("string", ("format", format.map(JSONValue.string)), ("pattern", pattern.map(JSONValue.string)))
        case .choice(let words): ["type": "string", "enum": .array(words.map(JSONValue.string))]
        case .integerChoice(let numbers): ["type": "integer", "enum": .array(numbers.map { .integer($0) })]
        case .array(let element): ["type": "array", "items": json(of: element)]
        case .dictionary(let value): ["type": "object", "additionalProperties": json(of: value)]
        case .object(let properties): json(of: properties)
        case .nullable(let schema): ["anyOf": [json(of: schema), ["type": "null"]]]
        case .named(let name, let schema): reference(to: name, schema)
        }
    }

    private mutating func reference(to name: String, _ schema: Schema) -> JSONValue {
        let json = json(of: schema)
        guard !areInlined else { return json }
        if let other = schemas[name], other != json { ambiguous.insert(name) }
        schemas[name] = json
        return ["$ref": .string("#/components/schemas/\(name)")]
    }

    private mutating func json(of properties: [Schema.Property]) -> JSONValue {
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        var members: [(key: String, value: JSONValue)] = []
        for property in properties { members.append((property.name, json(of: property.schema))) }
        return .object(
            [("type", "object"), ("properties", .object(members))]
                + (required.isEmpty ? [] : [("required", .array(required))]))
    }

    private static func typed(_ type: String, _ members: (key: String, value: JSONValue?)...) -> JSONValue {
        .object([("type", .string(type))] + members.compactMap { key, value in value.map { (key: key, value: $0) } })
    }
}
