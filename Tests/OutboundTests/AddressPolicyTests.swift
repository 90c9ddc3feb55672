import Outbound
import Testing

@Suite(.timeLimit(.minutes(2))) struct AddressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
        "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1",
        "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1",
        "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "4000::1", "5f00::1", "fc00::1",
        "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::a9fe:a9fe", "fec0::1", "ff02::1", "ff0e::1",
    ])
    func `an address that is not public is refused`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy.publicOnly.allows(address))
        #expect(AddressPolicy.unrestricted.allows(address))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1",
        "2003::1", "2001:200::1",
    ])
    func `a public address is allowed, also one just outside a refused range`(text: String) throws {
        #expect(AddressPolicy.publicOnly.allows(try #require(IPAddress(text))))
    }

    @Test func `the operator's ranges are allowed and nothing beside them`() throws {
        let ranges = try ["10.20.0.0/16", "192.168.7.9", "fd12:3456::/32"].map { try #require(AddressRange($0)) }
        let policy = AddressPolicy.publicAnd(ranges)
        let allowed = ["10.20.0.1", "10.20.255.255", "192.168.7.9", "fd12:3456:ffff::1", "8.8.8.8"]
        let refused = ["10.19.255.255", "10.21.0.0", "192.168.7.8", "fd12:3457::1", "::ffff:10.20.0.1", "127.0.0.1"]
        for text in allowed { #expect(policy.allows(try #require(IPAddress(text))), "\(text)") }
        for text in refused { #expect(!policy.allows(try #require(IPAddress(text))), "\(text)") }
    }

    @Test func `a range of everything holds everything of its family`() throws {
        let (four, six) = (try #require(AddressRange("0.0.0.0/0")), try #require(AddressRange("::/0")))
        let (local4, local6) = (try #require(IPAddress("127.0.0.1")), try #require(IPAddress("::1")))
        #expect(four.contains(local4) && six.contains(local6))
        #expect(!four.contains(local6) && !six.contains(local4))
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "ten", "::/129",
        "::1/64",
        "10.0.0.0/08", " 10.0.0.0/8",
    ])
    func `a range that is not one is refused, not guessed`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(arguments: [
        ("::1", "::1"), ("0:0:0:0:0:0:0:0", "::"), ("2001:DB8::0:1", "2001:db8::1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("::ffff:1.2.3.4", "::ffff:102:304"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
        ("1::", "1::"), ("255.0.1.2", "255.0.1.2"),
    ])
    func `an address prints in its one canonical form`(text: String, canonical: String) throws {
        #expect(try #require(IPAddress(text)).description == canonical)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "0x7f.0.0.1", "1.2.3.4 ", "1.2.3.-4", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g", "::1%eth0", "1.2.3.4::", "::1.2.3", "1:2:3:4:5:6:7::8",
        "::+1",
    ])
    func `a text that is no address is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
