import ArgumentParser
import CoreTypes
import JSON
import NotifierAPI
import Testing

@testable import SupportCommandLine

@Suite struct OutputTests {
    @Test func `columns line up, also with wide and combined characters`() {
        var table = Table("name", "count")
        table.add("Æblegrød", "1")
        table.add("🎁 gave", "20")
        table.add("e\u{301}t", "300")
        let lines = table.lines()
        #expect(lines[0] == "NAME      COUNT")
        #expect(lines[1] == "Æblegrød  1")
        #expect(lines[2] == "🎁 gave   20")
        #expect(lines[3] == "e\u{301}t        300")
    }

    @Test func `what a system answered cannot drive the terminal`() {
        var table = Table("detail")
        table.add("\u{1B}[2Jgone\nsecond line\u{9B}1m")
        let scalars = table.lines().joined().unicodeScalars
        #expect(!scalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    }

    @Test(arguments: [
        (Duration.milliseconds(40), "0.0 s"), (.milliseconds(1_940), "1.9 s"), (.seconds(59), "59 s"),
        (.seconds(200), "3 min 20 s"),
    ])
    func `a duration is short and readable`(duration: Duration, text: String) {
        #expect(duration.short == text)
    }

    @Test func `options are name and value`() throws {
        #expect(try pairs(["a=1", "b=x=y", "c="]) == ["a": "1", "b": "x=y", "c": ""])
        #expect(throws: (any Error).self) { try pairs(["novalue"]) }
        #expect(throws: (any Error).self) { try pairs(["=x"]) }
    }
}

@Suite struct ArgumentTests {
    @Test(arguments: [
        ["run", "start", "Demo"], ["switch", "off", "--reason", "x"],
        ["switch", "off", "--merchant", "a", "--connection", "b", "--reason", "x"],
        [
            "connection", "create", "--merchant", "a", "--source", "b", "--target", "c", "--manual", "--cron",
            "* * * * *",
        ],
        ["run", "list", "--timeout", "0"], ["monitoring", "on", "Demo"],
    ])
    func `a change without a reason, or with two that contradict, is refused before anything is called`(
        arguments: [String]
    ) {
        #expect(throws: (any Error).self) { try SluiceCommand.parseAsRoot(arguments) }
    }

    @Test(arguments: [
        ["run", "start", "Demo", "--reason", "x", "--module", "prices", "--json"],
        ["switch", "off", "--merchant", "a", "--module", "stock", "--reason", "x"],
        ["call", "scheduler.listMerchants", "{}", "--deadline", "3"], ["health", "--service", "monitor"],
    ])
    func `what the help shows is accepted`(arguments: [String]) throws {
        _ = try SluiceCommand.parseAsRoot(arguments)
    }

    @Test func `a recipient names its language, Danish if none`() throws {
        #expect(try RecipientCommand.choice("a@b.dk:en").language == .english)
        #expect(try RecipientCommand.choice("a@b.dk").language == .danish)
        #expect(throws: (any Error).self) { try RecipientCommand.choice("a@b.dk:fr") }
    }
}
