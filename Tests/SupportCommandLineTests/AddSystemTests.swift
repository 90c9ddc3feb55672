import ArgumentParser
import Testing

@testable import SupportCommandLine

@Suite struct AddSystemTests {
    @Test(arguments: [
        ("https://sap.example.com:50000/", "https://sap.example.com:50000"),
        ("https://shop.example.com/api//", "https://shop.example.com/api"),
        ("https://shop.example.com/api", "https://shop.example.com/api"),
    ])
    func `an address may be pasted with the slash a browser puts behind it`(pasted: String, kept: String) throws {
        let command = try SystemCommand.Add.parse([
            "--merchant", "Nordlys", "--name", "SAP", "--kind", "sapBusinessOne", "--url", pasted,
        ])
        #expect(command.baseURL == kept)
    }
}
