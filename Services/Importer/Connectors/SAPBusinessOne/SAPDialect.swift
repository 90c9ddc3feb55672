import SchedulerAPI

/// What differs between the OData dialects the Service Layer speaks.
struct SAPDialect: Sendable, Equatable {
    /// Path of the service below the system's address.
    var root: String
    var nextLink: String

    static let v1 = SAPDialect(root: "/b1s/v1", nextLink: "odata.nextLink")
    static let v2 = SAPDialect(root: "/b1s/v2", nextLink: "@odata.nextLink")
}

/// Options of a SAP system that are no secrets.
struct SAPOptions: Sendable, Equatable {
    /// Which company of the installation; required.
    var company: String
    /// `serviceLayer`: `v1` or `v2`, the default.
    var dialect: SAPDialect
    /// For installations whose count cannot take the filter of the items: what the count is asked with instead. The
    /// monitor then sees two filters and says that they are not comparable.
    var countFilter: String?

    init(_ access: SystemAccess) throws {
        guard let company = access.options["companyDatabase"], !company.isEmpty else {
            throw Self.wrong("companyDatabase", "the option companyDatabase is missing", access)
        }
        self.company = company
        switch access.options["serviceLayer"] {
        case nil, "v2"?: dialect = .v2
        case "v1"?: dialect = .v1
        case let other?:
            throw Self.wrong("serviceLayer", "the option serviceLayer is '\(other)', not v1 or v2", access)
        }
        countFilter = access.options["countFilter"]
    }

    private static func wrong(_ option: String, _ detail: String, _ access: SystemAccess) -> SystemFault {
        SystemFault(.settings, detail, system: access.name, reason: .option(option))
    }
}
