/// Which version of the product this is: in receipts, so that it is known later what judged an import.
public enum ProductVersion {
    public static let text = "0.4.0"
}
