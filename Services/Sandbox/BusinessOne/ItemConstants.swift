/// Fields that have the same value on every generated item; real answers are full of them.
enum ItemConstants {
    /// Written always: connectors may map them.
    static let brief: [(String, String)] = [
        ("PurchaseItem", "\"tYES\""), ("InventoryItem", "\"tYES\""), ("VatLiable", "\"tYES\""),
        ("ArTaxCode", "null"), ("InventoryUOM", "\"stk\""), ("DefaultWarehouse", "\"01\""), ("UoMGroupEntry", "-1"),
        ("Series", "3"), ("ManageBatchNumbers", "\"tNO\""), ("ManageSerialNumbers", "\"tNO\""), ("U_WebText", "null"),
    ]

    /// Written unless the system was made with `allFields: false`.
    static let full: [(String, String)] = [
        ("CustomsGroupCode", "-1"), ("PurchaseVATGroup", "\"K1\""), ("Mainsupplier", "null"),
        ("SupplierCatalogNo", "null"), ("DesiredInventory", "0.0"), ("MinInventory", "0.0"), ("Picture", "null"),
        ("User_Text", "null"), ("SerialNum", "null"), ("CommissionPercent", "0.0"), ("CommissionSum", "0.0"),
        ("CommissionGroup", "0"), ("TreeType", "\"iNotATree\""), ("AssetItem", "\"tNO\""),
        ("DataExportCode", "null"), ("Manufacturer", "-1"), ("SalesItemsPerUnit", "1.0"),
        ("SalesPackagingUnit", "null"), ("SalesQtyPerPackUnit", "1.0"), ("SalesUnitLength", "0.0"),
        ("SalesUnitWidth", "0.0"), ("SalesUnitHeight", "0.0"), ("SalesUnitVolume", "0.0"),
        ("SalesUnitWeight", "0.0"), ("PurchaseUnit", "\"stk\""), ("PurchaseItemsPerUnit", "1.0"),
        ("PurchasePackagingUnit", "null"), ("PurchaseQtyPerPackUnit", "1.0"), ("ShipType", "null"),
        ("GLMethod", "\"glm_WH\""), ("ManageStockByWarehouse", "\"tYES\""), ("AvgStdPrice", "0.0"),
        ("TaxType", "\"tt_Yes\""), ("ForceSelectionOfSerialNumber", "\"tYES\""), ("ValidFrom", "null"),
        ("ValidTo", "null"), ("ValidRemarks", "null"), ("FrozenFrom", "null"), ("FrozenTo", "null"),
        ("FrozenRemarks", "null"), ("PlanningSystem", "\"bop_None\""), ("ProcurementMethod", "\"bom_Buy\""),
        ("OrderIntervals", "null"), ("OrderMultiple", "0.0"), ("LeadTime", "null"), ("MinOrderQuantity", "0.0"),
        ("ItemType", "\"itItems\""), ("ItemClass", "\"itcMaterial\""), ("MaterialType", "\"mt_FinishedGoods\""),
        ("NCMCode", "-1"), ("CostAccountingMethod", "\"bis_MovingAverage\""), ("IssueMethod", "\"im_Backflush\""),
        ("SRIAndBatchManageMethod", "\"bomm_OnEveryTransaction\""), ("IsPhantom", "\"tNO\""),
        ("InventoryWeight", "0.0"), ("ProdStdCost", "0.0"), ("WTLiable", "\"tYES\""), ("DeferredTax", "\"tNO\""),
        ("NoDiscounts", "\"tNO\""), ("DefaultCountingUoMEntry", "-1"), ("TypeOfAdvancedRules", "\"toar_General\""),
    ]

    static let emptyCollections =
        ",\"ItemPreferredVendors\":[],\"ItemLocalizationInfos\":[],\"ItemProjects\":[],"
        + "\"ItemDistributionRules\":[],\"ItemAttributeGroups\":[],\"ItemDepreciationParameters\":[],"
        + "\"ItemPeriodControls\":[],\"ItemUnitOfMeasurementCollection\":[],\"ItemBarCodeCollection\":[],"
        + "\"ItemIntrastatExtension\":{}"

    static let priceTail =
        ",\"AdditionalPrice1\":0.0,\"AdditionalCurrency1\":null,\"AdditionalPrice2\":0.0,"
        + "\"AdditionalCurrency2\":null,\"BasePriceList\":1,\"Factor\":1.0,\"UoMPrices\":[]}"

    /// About fifty accounts stand on every warehouse of every item, nearly always empty.
    static let warehouseAccounts: String = [
        "InventoryAccount", "CostAccount", "TransferAccount", "RevenuesAccount", "VarienceAccount",
        "DecreasingAccount", "IncreasingAccount", "ReturningAccount", "ExpensesAccount", "EURevenuesAccount",
        "EUExpensesAccount", "ForeignRevenueAcc", "ForeignExpensAcc", "ExemptIncomeAcc", "PriceDifferenceAcc",
        "ExpenseClearingAct", "PurchaseCreditAcc", "EUPurchaseCreditAcc", "ForeignPurchaseCreditAcc",
        "SalesCreditAcc", "SalesCreditEUAcc", "ExemptedCredits", "SalesCreditForeignAcc", "ExpenseOffsettingAccount",
        "WipAccount", "ExchangeRateDifferencesAcct", "GoodsClearingAcct", "NegativeInventoryAdjustmentAccount",
        "CostInflationOffsetAccount", "GLDecreaseAcct", "GLIncreaseAcct", "PAReturnAcct", "PurchaseAcct",
        "PurchaseOffsetAcct", "ShippedGoodsAccount", "StockInflationOffsetAccount", "StockInflationAdjustAccount",
        "VATInRevenueAccount", "WipVarianceAccount", "CostInflationAccount", "WHIncomingCenvatAccount",
        "WHOutgoingCenvatAccount", "StockInTransitAccount", "WipOffsetProfitAndLossAccount",
        "InventoryOffsetProfitAndLossAccount", "DefaultBin", "DefaultBinEnforced", "PurchaseBalanceAccount",
    ].map { "\"\($0)\":null," }.joined()
}
