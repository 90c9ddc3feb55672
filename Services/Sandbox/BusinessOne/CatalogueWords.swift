/// The vocabulary of generated catalogues.
enum CatalogueWords {
    static let groups = [
        "Værktøj", "El-artikler", "Maling", "Have", "Bad & køkken", "Beslag", "Sikkerhed", "Befæstelse", "Belysning",
        "Rengøring", "Kontor", "Outlet",
    ]
    static let units: [String?] = ["stk", "stk", "stk", "pk", "m", "kg", "ltr", "sæt", nil]

    private static let nouns = [
        "Skruetrækker", "Hammer", "Blandingsbatteri", "Værktøjskasse", "Gulvlak", "Havesaks", "Dørgreb", "Røremaskine",
        "Sikkerhedssko", "Arbejdshandske", "LED-pære", "Forlængerledning", "Gipsskrue", "Ståluldssvamp", "Brevordner",
        "Vaterpas", "Rørtang", "Tæppekniv", "Målebånd", "Sømpistol", "Afløbsrens", "Køkkenarmatur", "Smøreolie",
        "Trælim",
    ]
    private static let adjectives = [
        "rød", "blå", "grøn", "sort", "hvid", "forkromet", "rustfri", "galvaniseret", "isoleret", "kraftig", "lille",
        "børstet stål", "økologisk", "vandafvisende", "let", "dobbelt",
    ]
    private static let englishNouns = [
        "Screwdriver", "Hammer", "Mixer tap", "Tool box", "Floor varnish", "Pruning shears", "Door handle", "LED bulb",
        "Safety shoe", "Work glove", "Extension cord", "Drywall screw", "Spirit level", "Pipe wrench", "Tape measure",
    ]
    private static let englishAdjectives = [
        "red", "blue", "green", "black", "white", "chrome-plated", "stainless", "galvanised", "insulated", "heavy duty",
    ]
    private static let emoji = ["🎁", "🔧", "👷🏽‍♀️", "🇩🇰", "☂️", "🏡"]

    static func name(_ number: Int, _ chance: inout ItemChance) -> String {
        let noun = nouns[chance.below(nouns.count)]
        let adjective = adjectives[chance.below(adjectives.count)]
        let size = 1 + chance.below(240)
        let plain = "\(noun), \(adjective) \(size * 5) mm"
        return switch number {
        case let n where n % 97 == 2: "\(plain) \(emoji[chance.below(emoji.count)])"
        case let n where n % 61 == 4: "\(noun) \"Classic\" \(size)\" \(adjective)"
        case let n where n % 53 == 6: "Mester's \(noun.lowercased()), \(adjective)"
        case let n where n % 199 == 8: longName(noun, size)
        case let n where n % 151 == 10: "\(plain) "
        case let n where n % 173 == 12: "\(noun) 5\\10 m <b>NY!</b> & \(adjective)"
        case let n where n % 127 == 14: "\(noun)\u{00A0}ø\(size) – «\(adjective)» ½″"
        default: plain
        }
    }

    static func foreignName(_ chance: inout ItemChance) -> String {
        let noun = englishNouns[chance.below(englishNouns.count)]
        return "\(noun), \(englishAdjectives[chance.below(englishAdjectives.count)])"
    }

    /// 100 to 200 characters, as the field allows.
    private static func longName(_ noun: String, _ size: Int) -> String {
        var name = "\(noun) \(size)"
        for index in 0... where name.count < 110 {
            name += ", \(adjectives[(size + index * 7) % adjectives.count]) \(noun.lowercased())"
            if name.count >= 110 { break }
        }
        return String(name.prefix(200))
    }
}
