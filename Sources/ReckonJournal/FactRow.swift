import Foundation
import GRDB
package import ReckonEngine
package import ReckonModel

/// One fact as it lies on disk.
///
/// `digest` chains each row to the one before, so that an altered, missing or foreign row is found even where it still
/// reads well. It guards against accidents, not against an attacker.
package struct FactRow: Sendable, Hashable {
    package let number: Int64
    package let at: Instant
    package let kind: String
    package let symbol: Symbol?
    package let intent: IntentID?
    package let order: ClientOrderID?
    package let correlation: CorrelationID?
    /// The fact as canonical JSON: sorted keys, no spaces.
    package let body: String
    package private(set) var digest: Int64
}

/// What is wrong with one row.
struct RowDamage: Error {
    let row: Int64
    let reason: String
}

extension FactRow {
    static let columns = "number, at_ns, kind, symbol, intent, client_order, correlation, body, digest"

    init(_ stamped: StampedFact, subject: FactIndex.Subject, after previous: Int64) throws {
        number = stamped.number
        at = stamped.at
        kind = stamped.fact.kind
        symbol = subject.symbol
        intent = subject.intent
        order = stamped.fact.order
        correlation = subject.correlation
        body = try FactRow.text(stamped.fact)
        digest = 0
        digest = chained(after: previous)
    }

    /// Reads a row in the order of `columns`; whatever SQLite holds there, this never traps.
    init(_ row: Row) throws {
        let number = Int64.fromDatabaseValue(row[0]) ?? 0
        guard let at = Int64.fromDatabaseValue(row[1]), let kind = String.fromDatabaseValue(row[2]),
            let body = String.fromDatabaseValue(row[7]), let digest = Int64.fromDatabaseValue(row[8])
        else { throw RowDamage(row: number, reason: "a column is empty or of another type") }
        self.number = number
        self.at = Instant(nanoseconds: at)
        self.kind = kind
        symbol = String.fromDatabaseValue(row[3]).map(Symbol.init)
        intent = Int64.fromDatabaseValue(row[4]).map(IntentID.init)
        order = String.fromDatabaseValue(row[5]).map(ClientOrderID.init)
        correlation = String.fromDatabaseValue(row[6]).map(CorrelationID.init)
        self.body = body
        self.digest = digest
    }

    func insert(into database: Database) throws {
        let marks = "?, ?, ?, ?, ?, ?, ?, ?, ?"
        let statement = try database.cachedStatement(
            sql: "INSERT INTO facts (\(FactRow.columns)) VALUES (\(marks))"
        )
        try statement.execute(arguments: [
            number, at.nanoseconds, kind, symbol?.name, intent?.number, order?.text, correlation?.text, body,
            digest,
        ])
    }

    /// The fact itself.
    func fact() throws -> StampedFact {
        do {
            let fact = try FactRow.decoder.decode(Fact.self, from: Data(body.utf8))
            guard fact.kind == kind else {
                throw RowDamage(row: number, reason: "kind is \(kind), the body holds \(fact.kind)")
            }
            return StampedFact(number: number, at: at, fact: fact)
        } catch let error as DecodingError {
            throw RowDamage(row: number, reason: "\(kind) cannot be decoded: \(FactRow.summary(error))")
        }
    }

    /// Follows on from a row with `previous` as its digest, and is unaltered.
    func check(after previous: Int64) throws {
        guard digest == chained(after: previous) else {
            throw RowDamage(
                row: number,
                reason: "it was altered, or the row before it was: the digest differs"
            )
        }
    }

    /// Canonical JSON of a fact: equal facts give equal bytes.
    package static func text(_ fact: Fact) throws -> String {
        String(decoding: try encoder.encode(fact), as: UTF8.self)
    }

    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A script may answer infinity; the record of it must not be refused for that.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return encoder
    }()

    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return decoder
    }()

    private static func summary(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "no \(key.stringValue) at \(path(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(context.debugDescription) at \(path(context))"
        @unknown default: "\(error)"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "the top" : path
    }

    /// What the digest of this row must be.
    private func chained(after previous: Int64) -> Int64 {
        let parts = [
            "\(number)", "\(at.nanoseconds)", kind, symbol?.name ?? "", intent.map { "\($0.number)" } ?? "",
            order?.text ?? "", correlation?.text ?? "", body,
        ]
        let text = parts.joined(separator: "\u{1F}")
        return Int64(bitPattern: Dice.digest(text, from: UInt64(bitPattern: previous)))
    }
}
