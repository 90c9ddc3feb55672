import Foundation
import JSON

/// What is read is written so that it reads the same; Foundation reads what we read.
enum CoderTarget {
    static func run(_ input: [UInt8]) throws {
        try roundTrip(JSONValue.self, input)
        try roundTrip(AllShapes.self, input)
        try roundTrip([String: Double].self, input)
        try compareWithFoundation(input)
    }

    private static func roundTrip<T: Codable & Equatable>(_: T.Type, _ input: [UInt8]) throws {
        guard let value = try? JSON.decode(T.self, from: input) else { return }
        let written = try JSON.encode(value)
        let again = try JSON.decode(T.self, from: written)
        try hold(again == value, "read \(value), then \(again)")
        try hold(try JSON.encode(again) == written, "equal values are written differently")
    }

    /// Taken by us alone: numbers that no Double holds. Refused by us alone: repeated names, depth, halves of surrogate
    /// pairs, a comma before the end of an object or array. Not compared: what Foundation takes for another encoding.
    private static func compareWithFoundation(_ input: [UInt8]) throws {
        guard !input.contains(0), !input.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        let isTakenByFoundation =
            (try? JSONSerialization.jsonObject(with: Data(input), options: .fragmentsAllowed)) != nil
        let value: JSONValue
        do throws(JSONError) {
            value = try JSON.decode(JSONValue.self, from: input)
        } catch {
            let isStricter = ["repeated", "64 arrays", "surrogate"].contains(where: error.problem.contains)
            try hold(
                !isTakenByFoundation || isStricter || isTrailingComma(input, at: error.offset),
                "Foundation takes it, we do not: \(error)")
            return
        }
        try hold(isTakenByFoundation || value.hasNumberBeyondDouble, "we take it, Foundation does not: \(value)")
    }

    private static func isTrailingComma(_ input: [UInt8], at offset: Int) -> Bool {
        guard let byte = input.dropFirst(offset).first else { return false }
        let before = input.prefix(offset).last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return (byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")) && before == UInt8(ascii: ",")
    }
}

extension JSONValue {
    fileprivate var hasNumberBeyondDouble: Bool {
        switch self {
        case .number(let text): Double(text).map { !$0.isFinite } ?? true
        case .array(let elements): elements.contains(where: \.hasNumberBeyondDouble)
        case .object(let members): members.contains(where: \.value.hasNumberBeyondDouble)
        default: false
        }
    }
}
