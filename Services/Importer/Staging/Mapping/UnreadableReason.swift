/// Why an item of the source cannot be made into shop rows; the raw value is its key in the text catalogue.
///
/// Such an item is listed and counts as missing. It is never dropped in silence, and never half used.
public enum UnreadableReason: String, Error, Sendable, CaseIterable {
    case notAnObject = "item_not_an_object"
    case keyMissing = "item_key_missing"
    /// Over 100 characters, the shop's limit for codes.
    case keyTooLong = "item_key_too_long"
    /// Neither text nor a whole number, or with control characters.
    case keyNotText = "item_key_not_text"
    /// The item has a field twice that is read; which one holds cannot be said.
    case fieldTwice = "item_field_twice"
    case nameMissing = "item_name_missing"
    /// A list or an object where a single value is read.
    case fieldNotAValue = "item_field_not_a_value"
    /// More than 34 digits, or more than 30 decimals.
    case numberTooLong = "item_number_too_long"
    /// The item has no list of prices at all; an empty one is an answer, a missing one is not.
    case pricesMissing = "item_prices_missing"
    case priceListUnknown = "item_price_list_unknown"
    case priceListTwice = "item_price_list_twice"
    case priceNotANumber = "item_price_not_a_number"
    case currencyNotText = "item_currency_not_text"
    case stockMissing = "item_stock_missing"
    case warehouseUnknown = "item_warehouse_unknown"
    case warehouseTwice = "item_warehouse_twice"
    case stockNotANumber = "item_stock_not_a_number"
}
