import Testing

@testable import Connectors

@Suite struct BaseURLTests {
    private let base = BaseURL("https://erp.example.dk:50000/tenant/")!

    @Test(arguments: [
        ("Items?$skip=20", "https://erp.example.dk:50000/tenant/b1s/v2/Items?$skip=20"),
        ("/tenant/b1s/v2/Items?$skip=20", "https://erp.example.dk:50000/tenant/b1s/v2/Items?$skip=20"),
        ("/b1s/v2/Items?$skip=20", "https://erp.example.dk:50000/tenant/b1s/v2/Items?$skip=20"),
        ("HTTPS://ERP.example.dk:50000/tenant/b1s/v2/Items", "https://erp.example.dk:50000/tenant/b1s/v2/Items"),
        ("Items?$skip=2 0", "https://erp.example.dk:50000/tenant/b1s/v2/Items?$skip=2%200"),
    ])
    func `links relative to service or host and whole ones on the same host resolve`(link: String, url: String) {
        #expect(base.resolving(link, service: "/b1s/v2") == url)
    }

    @Test(arguments: [
        "https://evil.example/b1s/v2/Items", "http://erp.example.dk:50000/tenant/b1s/v2/Items",
        "https://erp.example.dk/tenant/b1s/v2/Items", "https://erp.example.dk:50000@evil.example/tenant/b1s/v2/Items",
        "//evil.example/b1s/v2/Items", "/other/Items", "../../admin", "/b1s/v2/../../x", "Items\r\nHost: evil", "",
        "Items\\x", "Items#x",
    ])
    func `a link to another host, scheme, port or place is refused`(link: String) {
        #expect(base.resolving(link, service: "/b1s/v2") == nil)
    }

    @Test func `a link may carry an address inside its query`() {
        let link = "Items?$filter=ItemName%20eq%20'https://evil.example'"
        #expect(base.resolving(link, service: "/b1s/v2") == "https://erp.example.dk:50000/tenant/b1s/v2/" + link)
    }

    @Test(arguments: ["", "erp.example.dk", "ftp://erp.example.dk", "https://", "https://a@b.dk", "https://b.dk?x=1"])
    func `what is no plain address is no base`(text: String) {
        #expect(BaseURL(text) == nil)
    }
}
