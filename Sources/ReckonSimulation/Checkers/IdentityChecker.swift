import ReckonEngine
import ReckonModel

/// I-02: an order's id bears the name of its engine and of its start, which no other start has had, and suits the venue.
struct IdentityChecker {
    private let prefix: String
    private var epoch: String?
    private var epochs: Table<String, Bool> = Table()
    private let longest = 36

    init(prefix: String) { self.prefix = prefix }

    mutating func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .started(let identity):
            if epochs[identity.epoch] != nil {
                findings.breach("I-02", stamped.at, "a second start is called \(identity.epoch)")
            }
            epochs[identity.epoch] = true
            epoch = identity.epoch
        case .orderPlanned(let ticket, _, _):
            let text = ticket.id.text
            if let epoch, !text.hasPrefix("\(prefix)\(epoch)-") {
                findings.breach("I-02", stamped.at, "id \(text) does not name the start \(epoch)")
            }
            if text.count > longest || !text.allSatisfy(IdentityChecker.isAllowed) {
                findings.breach("I-02", stamped.at, "id \(text) is not what the venue takes")
            }
        default: break
        }
    }

    private static func isAllowed(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || ".:/_-".contains(character))
    }
}
