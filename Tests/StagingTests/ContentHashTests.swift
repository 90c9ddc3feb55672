import Testing

@testable import Staging

/// The hash is stored in published sets, so it must never change: another one would make every item look changed.
///
/// The values were computed by a program of its own, with big integers, from the description of the hash.
@Suite struct ContentHashTests {
    private static let values: [(length: Int, hash: String)] = [
        (0, "799b8ca0ac0d0f377aaf8df732380541"), (1, "738af49bfabb8b6d338104258d51eaaa"),
        (2, "20b6d4f69f2afae27129db7a8523c894"), (7, "e857e05467ac0aca2b09dd84b2bb6aa1"),
        (8, "9ac666beaa56e88ed8c7ea182addcf51"), (9, "8a9aec8c19e19a4e87b2d399d1120aa3"),
        (15, "b69751e24ec18a73712dfb872e4765bd"), (16, "e26e14892bef20217aa3fc1b5cd4c5c6"),
        (17, "0bdaaaa26693c04558a02c6ab8d4ef81"), (23, "79f9e8f9fade73c4303213ea94789c7c"),
        (24, "e16349b5b18e7940e4ec0460e49cdc98"), (25, "1f2984f5353de27e158945be4ffed28d"),
        (31, "aad2084f97a7987c8e0beaf8cc63a186"), (32, "f9af7880f075723b9844479546970215"),
        (33, "56154a6b61ae662c2185a656cf4a59fd"), (47, "d88c1c4507ef96d618be67d98764b8ac"),
        (63, "479a18bd7685cba3bd334155ac5e8857"), (64, "57b8b367849caff5258a8a126724b1aa"),
        (100, "095bc35b355ea779190128eb6c94789d"), (1000, "64bcfcdc74588f670c94b39aaaa8eac7"),
    ]

    private func hash(_ bytes: [UInt8]) -> String {
        var output = [UInt8](repeating: 0, count: ContentHash.length)
        output.withUnsafeMutableBufferPointer { output in
            bytes.withUnsafeBytes { bytes in ContentHash.write(bytes, to: output.baseAddress!) }
        }
        return ContentHash.hex(output)
    }

    @Test(arguments: values) func `the hash of so many bytes is what it always was`(length: Int, expected: String) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        #expect(hash(bytes) == expected)
        // Nothing that lies before or behind the bytes has a part in it.
        let padded = [0xAA] + bytes + [0x55]
        let inner = padded.withUnsafeBytes { padded in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ContentHash.length) { output in
                ContentHash.write(
                    UnsafeRawBufferPointer(rebasing: padded[1..<(length + 1)]), to: output.baseAddress!)
                return ContentHash.hex(output)
            }
        }
        #expect(inner == expected)
    }

    @Test func `a row of text`() {
        #expect(hash(Array(#"{"code":"A100042","name":"Skrue 4x40"}"#.utf8)) == "cbdc8c47001a3e55167f1475ec8d57bd")
    }
}
