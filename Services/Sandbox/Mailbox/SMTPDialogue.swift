import SandboxAPI

/// One client's conversation with the mail server: a line in, what to do out. It knows no socket.
struct SMTPDialogue {
    /// One mail as it was handed over: one transaction of SMTP.
    struct Mail: Sendable, Equatable {
        var sender: String
        var recipients: [String]
        /// With dots unstuffed, lines ending in CRLF.
        var raw: [UInt8]
        var isEncrypted: Bool
        var user: String?
    }

    enum Action: Equatable {
        case reply(String)
        /// Store it, then reply as the result demands.
        case store(Mail)
        /// Send this, then begin TLS.
        case startTLS(String)
        case close
    }

    static let lineBytesMax = 4096
    static let mailBytesMax = 10 << 20
    static let recipientsMax = 100
    /// RFC 5321 4.5.3.1.6, without CRLF.
    static let textLineBytesMax = 998

    private enum Login { case plain, name, password(user: String) }

    private let settings: SMTPSettings
    private let faults: FaultBoard
    private(set) var isEncrypted = false
    private var hasGreeted = false
    private var user: String?
    private var login: Login?
    private var sender: String?
    private var recipients: [String] = []
    private var text: [UInt8]?
    private var textProblem: String?

    init(_ settings: SMTPSettings, faults: FaultBoard) {
        self.settings = settings
        self.faults = faults
    }

    var greeting: Action { .reply("220 \(settings.hostName) ESMTP sandbox") }

    private var offersTLS: Bool { settings.canEncrypt && !isEncrypted && faults.peek(.noTLS) == nil }

    /// - Parameters:
    ///   - line: Without its line end.
    ///   - endsInCRLF: false when the line ended in a bare LF, which no mail may have.
    mutating func receive(_ line: [UInt8], endsInCRLF: Bool) -> [Action] {
        if text != nil { return receiveText(line, endsInCRLF: endsInCRLF) }
        guard endsInCRLF else { return [.reply("500 5.5.2 Lines end in CRLF")] }
        guard let command = String(validating: line, as: UTF8.self), line.count <= Self.lineBytesMax else {
            return [.reply("500 5.5.2 Line not understood")]
        }
        if let login { return continueLogin(login, command) }
        let verb = command.prefix { $0 != " " && $0 != ":" }.uppercased()
        let rest = trimmed(command.dropFirst(verb.count))
        switch verb {
        case "EHLO", "HELO": return greet(verb, rest)
        case "STARTTLS": return startTLS(rest)
        case "AUTH": return authenticate(rest)
        case "MAIL": return mail(rest)
        case "RCPT": return recipient(rest)
        case "DATA": return data()
        case "RSET":
            reset()
            return [.reply("250 2.0.0 Ok")]
        case "NOOP": return [.reply("250 2.0.0 Ok")]
        case "VRFY": return [.reply("252 2.0.0 Will see")]
        case "QUIT": return [.reply("221 2.0.0 Bye"), .close]
        default: return [.reply("502 5.5.1 Command not known")]
        }
    }

    /// TLS stands from the next byte on; what was said before counts no more.
    mutating func didStartTLS() {
        isEncrypted = true
        hasGreeted = false
        user = nil
        reset()
    }

    private mutating func reset() {
        sender = nil
        recipients = []
        text = nil
        textProblem = nil
    }

    // MARK: Greeting, TLS, login

    private mutating func greet(_ verb: String, _ name: String) -> [Action] {
        guard !name.isEmpty else { return [.reply("501 5.5.4 A name is needed")] }
        hasGreeted = true
        reset()
        guard verb == "EHLO" else { return [.reply("250 \(settings.hostName)")] }
        var lines = [settings.hostName, "SIZE \(Self.mailBytesMax)", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        if offersTLS { lines.append("STARTTLS") }
        if isEncrypted || !settings.canEncrypt { lines.append("AUTH PLAIN LOGIN") }
        let replies = lines.enumerated().map { "250\($0.offset == lines.count - 1 ? " " : "-")\($0.element)" }
        return [.reply(replies.joined(separator: "\r\n"))]
    }

    private func startTLS(_ rest: String) -> [Action] {
        guard rest.isEmpty else { return [.reply("501 5.5.4 No parameters here")] }
        guard offersTLS else { return [.reply("502 5.5.1 STARTTLS not offered")] }
        return [.startTLS("220 2.0.0 Ready to start TLS")]
    }

    private mutating func authenticate(_ rest: String) -> [Action] {
        guard isEncrypted || !settings.canEncrypt else { return [.reply("538 5.7.11 Encryption required")] }
        guard hasGreeted, user == nil, sender == nil else { return [.reply("503 5.5.1 Not now")] }
        let words = rest.split(separator: " ").map(String.init)
        switch words.first?.uppercased() {
        case "PLAIN":
            if words.count > 1 { return checkPlain(words[1]) }
            login = .plain
            return [.reply("334 ")]
        case "LOGIN":
            if words.count > 1 { return continueLogin(.name, words[1]) }
            login = .name
            return [.reply("334 VXNlcm5hbWU6")]
        default: return [.reply("504 5.5.4 PLAIN or LOGIN")]
        }
    }

    private mutating func continueLogin(_ step: Login, _ line: String) -> [Action] {
        login = nil
        guard line != "*" else { return [.reply("501 5.7.0 Login given up")] }
        if case .plain = step { return checkPlain(line) }
        guard let bytes = base64Bytes(line), let text = String(validating: bytes, as: UTF8.self) else {
            return [.reply("501 5.5.2 Not base64")]
        }
        if case .password(let user) = step { return check(user, text) }
        login = .password(user: text)
        return [.reply("334 UGFzc3dvcmQ6")]
    }

    private mutating func checkPlain(_ text: String) -> [Action] {
        let parts = base64Bytes(text)?.split(separator: 0, omittingEmptySubsequences: false)
        guard let parts, parts.count == 3 else { return [.reply("501 5.5.2 Not understood")] }
        return check(String(decoding: parts[1], as: UTF8.self), String(decoding: parts[2], as: UTF8.self))
    }

    private mutating func check(_ user: String, _ password: String) -> [Action] {
        let isRight = settings.user == nil || (user == settings.user && password == settings.password)
        guard isRight, faults.occur(.refuseLogin) == nil else { return [.reply("535 5.7.8 Login refused")] }
        self.user = user
        return [.reply("235 2.7.0 Logged in")]
    }

    // MARK: One mail

    private mutating func mail(_ rest: String) -> [Action] {
        guard hasGreeted else { return [.reply("503 5.5.1 Say EHLO first")] }
        guard sender == nil else { return [.reply("503 5.5.1 A mail has begun")] }
        guard settings.user == nil || user != nil else { return [.reply("530 5.7.0 Log in first")] }
        guard let (address, parameters) = path(rest, after: "FROM:") else {
            return [.reply("501 5.5.4 MAIL FROM:<address>")]
        }
        let size = parameters.first { $0.uppercased().hasPrefix("SIZE=") }.flatMap { Int($0.dropFirst(5)) }
        if let size, size > Self.mailBytesMax { return [.reply("552 5.3.4 Too large")] }
        guard address.isEmpty || isAddress(address) else { return [.reply("553 5.1.7 No such form of address")] }
        sender = address
        return [.reply("250 2.1.0 Ok")]
    }

    private mutating func recipient(_ rest: String) -> [Action] {
        guard sender != nil else { return [.reply("503 5.5.1 MAIL first")] }
        guard let (address, _) = path(rest, after: "TO:"), isAddress(address) else {
            return [.reply("501 5.1.3 RCPT TO:<address>")]
        }
        guard recipients.count < Self.recipientsMax else { return [.reply("452 4.5.3 Too many recipients")] }
        if faults.occur(.refuseRecipient, if: { $0.target == nil || $0.target?.lowercased() == address.lowercased() })
            != nil
        {
            return [.reply("550 5.1.1 <\(address)>: no such mailbox")]
        }
        if faults.occur(.greylist) != nil { return [.reply("451 4.7.1 Greylisted, come again")] }
        recipients.append(address)
        return [.reply("250 2.1.5 Ok")]
    }

    private mutating func data() -> [Action] {
        guard !recipients.isEmpty else { return [.reply("503 5.5.1 RCPT first")] }
        text = []
        textProblem = nil
        return [.reply("354 End with a dot on a line of its own")]
    }

    private mutating func receiveText(_ line: [UInt8], endsInCRLF: Bool) -> [Action] {
        if line == [UInt8(ascii: ".")], endsInCRLF { return finishText() }
        if !endsInCRLF || line.contains(0x0D) { textProblem = "554 5.6.0 A line break that is not CRLF" }
        if line.count > Self.textLineBytesMax { textProblem = "554 5.6.0 A line of more than 998 bytes" }
        if (text?.count ?? 0) > Self.mailBytesMax { textProblem = "552 5.3.4 Too large" }
        guard textProblem == nil else { return [] }
        text?.append(contentsOf: line.first == UInt8(ascii: ".") ? line.dropFirst() : line[...])
        text?.append(contentsOf: [0x0D, 0x0A])
        return []
    }

    private mutating func finishText() -> [Action] {
        defer { reset() }
        if let textProblem { return [.reply(textProblem)] }
        let mail = Mail(
            sender: sender ?? "", recipients: recipients, raw: text ?? [], isEncrypted: isEncrypted, user: user)
        return [.store(mail)]
    }

    // MARK: Addresses

    /// `FROM:<a@b> SIZE=100` → `a@b` and `SIZE=100`
    private func path(_ text: String, after keyword: String) -> (address: String, parameters: [String])? {
        guard text.uppercased().hasPrefix(keyword) else { return nil }
        let rest = text.dropFirst(keyword.count).drop { $0 == " " }
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        let parameters = rest[rest.index(after: end)...].split(separator: " ").map(String.init)
        return (String(rest[rest.index(after: rest.startIndex)..<end]), parameters)
    }

    private func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") }
    }
}

/// What the mail server is called and whom it lets in.
public struct SMTPSettings: Sendable, Equatable {
    public var hostName: String
    /// nil lets everybody in without a login.
    public var user: String?
    public var password: String?
    /// Whether STARTTLS is offered; then logins are taken only after it.
    public var canEncrypt: Bool

    public init(hostName: String = "localhost", user: String? = nil, password: String? = nil, canEncrypt: Bool = false)
    {
        self.hostName = hostName
        self.user = user
        self.password = password
        self.canEncrypt = canEncrypt
    }
}
