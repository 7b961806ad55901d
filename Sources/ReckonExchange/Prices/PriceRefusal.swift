/// A file of prices that cannot be taken: which file, which line, why, and what to do.
package struct PriceRefusal: Error, Hashable, Sendable {
    package enum Reason: Error, Hashable, Sendable {
        case noRows
        case unreadable
        case nul
        case longLine(most: Int)
        case fields(found: Int, allowed: String)
        case notANumber(field: String, found: String)
        case notPositive(field: String, found: String)
        case highBelowLow(high: String, low: String)
        case outsideCandle(field: String, found: String, low: String, high: String)
        case backwards(found: Int64, before: Int64)
        case implausibleTime(found: String)
        case implausiblePrice(found: String, allowed: String)
    }

    package let file: String
    /// Counted from 1; zero where the file as a whole is meant.
    package let line: Int
    package let reason: Reason

    package init(file: String, line: Int, reason: Reason) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    /// One line for people.
    package var text: String { "\(file)\(line > 0 ? ":\(line)" : ""): \(reason.text)" }
}

extension PriceRefusal.Reason {
    fileprivate var text: String {
        switch self {
        case .noRows: "no rows of prices; give a file of candles, trades or aggregate trades"
        case .unreadable: "cannot be read; check that it is still there and readable"
        case .nul: "a NUL byte, so this is no text; if it is the archive's zip, unpack it first"
        case .longLine(let most):
            "a line of more than \(most) bytes; check that the file is a CSV with line ends"
        case .fields(let found, let allowed):
            "\(found) fields, allowed \(allowed); fetch the file anew or cut the row"
        case .notANumber(let field, let found): "\(field) '\(found)' is no plain number; mend or cut the row"
        case .notPositive(let field, let found): "\(field) \(found) is not above 0; mend or cut the row"
        case .highBelowLow(let high, let low): "high \(high) is below low \(low); mend or cut the row"
        case .outsideCandle(let field, let found, let low, let high):
            "\(field) \(found) lies outside low \(low) to high \(high); mend or cut the row"
        case .backwards(let found, let before):
            "time \(found) goes back behind \(before); sort the rows by time and drop repeated ones"
        case .implausibleTime(let found):
            "time \(found) is on no plausible scale; allowed are milliseconds (13 digits) or microseconds (16), "
                + "one of them throughout"
        case .implausiblePrice(let found, let allowed):
            "price \(found) is on no plausible scale, allowed \(allowed); check that the file is of this symbol"
        }
    }
}
