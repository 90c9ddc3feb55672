import SandboxAPI

/// Answers that never end, in rows or in bytes. None of them is ever held as a whole.
extension ServiceLayer {
    /// Puts invented rows, or those of an earlier page, in the place of the end.
    func prolong(
        _ items: inout [(item: Item, isSecond: Bool)], _ next: inout (skip: Int, top: Int?)?, _ query: ItemQuery,
        _ number: Int, _ rows: [Catalogue.Row], _ state: inout State
    ) {
        guard let sample = rows.first.map({ state.catalogue.item(at: $0) }) else { return }
        let size = min(query.limit, 5_000)
        if faults.occur(.endlessPages) != nil {
            for index in items.count..<max(items.count, size) {
                var invented = sample
                // Behind all others in the order of codes, and never the same again.
                invented.code = "~\(1_000_000 + number)-\(100_000 + index)"
                items.append((invented, false))
            }
            next = (query.skip + items.count, nil)
        }
        if let fault = faults.occur(.repeatPage, if: { number >= $0.page ?? 1 }) {
            let first = min(((fault.page ?? 1) - 1) * size, rows.count - 1)
            items = rows[first..<min(first + size, rows.count)].map { (state.catalogue.item(at: $0), false) }
            next = (query.skip + items.count, nil)
        }
    }

    func poisoned(_ response: SimResponse, _ query: ItemQuery, _ renderer: ItemRenderer, _ page: Page) -> SimResponse {
        if let fault = faults.occur(.drip) {
            return response.delivered(.dripping(milliseconds: fault.milliseconds ?? 1))
        }
        if let fault = faults.occur(.gzipBomb) { return response.bomb(megabytes: fault.count ?? 1) }
        guard let fault = faults.occur(.hugePage), let row = page.items.first else { return response }
        var huge = response
        huge.body = Array("{\"value\":[".utf8)
        renderer.write(row.item, unreadable: false, to: &huge.body)
        var unit = [UInt8(ascii: ",")]
        renderer.write(row.item, unreadable: false, to: &unit)
        return huge.delivered(.repeating(unit: unit, times: ((fault.count ?? 1) << 20) / unit.count))
    }
}

extension SimResponse {
    /// A packed body of spaces: each 13 bytes stand for eight runs of 258.
    fileprivate func bomb(megabytes: Int) -> SimResponse {
        var bomb = self
        bomb.headers["Content-Encoding"] = "gzip"
        // Head of gzip; then one block with fixed codes: a space, and from there on repetitions of it.
        bomb.body = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        var bits = BitWriter()
        bits.write([1, 1, 0])
        bits.write([0, 1, 0, 1, 0, 0, 0, 0])
        // Filled up to a whole byte with repetitions, which take 13 bits each.
        let repetition: [UInt8] = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]
        while !bits.isWhole { bits.write(repetition) }
        bomb.body += bits.bytes
        var unit = BitWriter()
        for _ in 0..<8 { unit.write(repetition) }
        return bomb.delivered(.repeating(unit: unit.bytes, times: (megabytes << 20) / (8 * 258)))
    }
}

/// Puts bits into bytes, the lowest first, as deflate does.
private struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var used = 8

    var isWhole: Bool { used == 8 }

    mutating func write(_ bits: [UInt8]) {
        for bit in bits {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            bytes[bytes.count - 1] |= bit << UInt8(used)
            used += 1
        }
    }
}
