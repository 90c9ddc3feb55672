import SandboxAPI

/// Price lists, warehouses and item groups: short lists that connectors show and probe.
extension ServiceLayer {
    private struct Row {
        /// As it stands between the brackets of a path: `'01'`, `1`.
        var key: String
        var members: [SimMember]
    }

    /// - Returns: nil when there is no such resource.
    func masterData(_ resource: String, entity: String, _ request: SimRequest) throws -> SimResponse? {
        guard let rows = rows(entity) else { return nil }
        if resource == "\(entity)/$count" {
            if faults.occur(.noCount) != nil { return .serviceLayerError(501, code: "-1", "Not implemented.") }
            return .text(200, String(rows.count))
        }
        let parameters = request.queryItems
        for item in parameters.items where !["$top", "$skip", "$select", "$count", "$orderby"].contains(item.name) {
            throw QueryProblem("Query option '\(item.name)' is not supported on \(entity).")
        }
        let selected = parameters["$select"].map { Set($0.split(separator: ",").map(trimmed)) }
        if resource == entity { return list(rows, entity, parameters, selected, request) }
        guard let row = rows.first(where: { resource == "\(entity)(\($0.key))" }) else {
            return .serviceLayerError(404, code: "-2028", "No matching records found (ODBC -2028)")
        }
        return .json(200, node(row, selected))
    }

    private func list(
        _ rows: [Row], _ entity: String, _ parameters: QueryItems, _ selected: Set<String>?, _ request: SimRequest
    ) -> SimResponse {
        let skip = min(parameters["$skip"].flatMap(Int.init) ?? 0, rows.count)
        let top = parameters["$top"].flatMap(Int.init)
        let wanted = preferredPageSize(request) ?? 20
        let limit = min(top ?? .max, wanted == 0 ? .max : wanted, rows.count - skip)
        var members = [SimMember("@odata.context", .string(context(request, entity)))]
        if parameters["$count"] == "true" { members.append(SimMember("@odata.count", SimJSON(rows.count))) }
        members.append(SimMember("value", .array(rows[skip..<(skip + limit)].map { node($0, selected) })))
        if skip + limit < rows.count, top.map({ $0 > limit }) ?? true {
            let link = nextLink(entity, parameters, skip: skip + limit, top: top.map { $0 - limit })
            members.append(SimMember("@odata.nextLink", .string(link)))
        }
        return .json(200, .object(members))
    }

    private func node(_ row: Row, _ selected: Set<String>?) -> SimJSON {
        .object(row.members.filter { selected?.contains($0.name) ?? true })
    }

    private func rows(_ entity: String) -> [Row]? {
        switch entity {
        case "PriceLists": (1...settings.generator.priceLists).map(priceList)
        case "Warehouses": settings.warehouses.enumerated().map { warehouse($0.element, number: $0.offset) }
        case "ItemGroups":
            CatalogueWords.groups.enumerated().map { offset, name in
                Row(
                    key: String(100 + offset),
                    members: [
                        SimMember("Number", SimJSON(100 + offset)), SimMember("GroupName", .string(name)),
                    ])
            }
        default: nil
        }
    }

    private func priceList(_ number: Int) -> Row {
        let names = ["Vejledende udsalg", "Forhandler", "Export EUR", "Storkunde", "Medarbejder"]
        let name = number <= names.count ? names[number - 1] : "Prisliste \(number)"
        return Row(
            key: String(number),
            members: [
                SimMember("PriceListNo", SimJSON(number)), SimMember("PriceListName", .string(name)),
                SimMember("BasePriceList", 1), SimMember("RoundingMethod", "borm_NoRounding"),
                SimMember("GroupNum", "boplgn_Group1"), SimMember("Active", "tYES"),
                SimMember("IsGrossPrice", "tNO"),
                SimMember("DefaultPrimeCurrency", number % 3 == 0 ? "EUR" : "DKK"),
            ])
    }

    private func warehouse(_ code: String, number: Int) -> Row {
        let names = ["Hovedlager", "Butik Århus", "Butik København", "Returlager", "Fjernlager Køge"]
        let name = number < names.count ? names[number] : "Lager \(code)"
        return Row(
            key: "'\(code)'",
            members: [
                SimMember("WarehouseCode", .string(code)), SimMember("WarehouseName", .string(name)),
                SimMember("Inactive", "tNO"),
            ])
    }
}
