package import ReckonModel

extension Instant {
    /// Reads `YYYY-MM-DDThh:mm:ss[.fraction]Z`.
    ///
    /// Only UTC; up to nine places.
    package init?(rfc3339 text: String) {
        var bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 30, bytes.removeLast() == UInt8(ascii: "Z") else {
            return nil
        }
        let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        guard marks.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }) else { return nil }
        let parts = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].compactMap { Instant.number(bytes[$0]) }
        guard parts.count == 6, (1970...2200).contains(parts[0]), (1...12).contains(parts[1]),
            (1...Instant.days(inMonth: parts[1], of: parts[0])).contains(parts[2]),
            parts[3] < 24, parts[4] < 60, parts[5] < 60
        else { return nil }
        var fraction: Int64 = 0
        if bytes.count > 19 {
            guard bytes[19] == UInt8(ascii: "."), let digits = Instant.number(bytes[20...]) else {
                return nil
            }
            fraction = (bytes.count - 20..<9).reduce(digits) { value, _ in value * 10 }
        }
        let days = Instant.days(year: parts[0], month: parts[1], day: parts[2])
        let seconds = days * 86_400 + parts[3] * 3600 + parts[4] * 60 + parts[5]
        self.init(nanoseconds: seconds * 1_000_000_000 + fraction)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        switch month {
        case 2: return isLeap ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }

    /// Days since 1970-01-01.
    ///
    /// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredDivision(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
