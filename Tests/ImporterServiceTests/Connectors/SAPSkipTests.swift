import Testing

@testable import Connectors

@Suite struct SAPSkipTests {
    @Test(arguments: [
        ("https://sap/b1s/v2/Items?$filter=a&$skip=40", "https://sap/b1s/v2/Items?$filter=a&$skip=60"),
        ("https://sap/b1s/v2/Items?$skip=0&$orderby=ItemCode", "https://sap/b1s/v2/Items?$skip=20&$orderby=ItemCode"),
        ("https://sap/b1s/v1/Items?%24skip=980", "https://sap/b1s/v1/Items?%24skip=1000"),
    ])
    func `the place of the next page is told by its number of rows`(link: String, further: String) {
        #expect(SAPSkip(link)?.link(further: 20) == further)
    }

    @Test(arguments: [
        "https://sap/b1s/v2/Items", "https://sap/b1s/v2/Items?$skip=", "https://sap/b1s/v2/Items?$skip=x",
        "https://sap/b1s/v2/Items?$skip=-1", "https://sap/b1s/v2/Items?$skip=1&$skip=2",
        "https://sap/b1s/v2/Items?$filter=Name eq '$skip=3'", "https://sap/b1s/v2/Items?$skiptoken=3",
    ])
    func `a link that does not say where it is tells nothing`(link: String) {
        #expect(SAPSkip(link) == nil)
    }
}
