/// On how many ticks a policy would have done what another did, and which way it differs.
struct Agreement: Sendable {
    let name: String
    let ticks: Int
    let agreeing: Int
    let isLooser: Bool
    let isTighter: Bool

    var sentence: String {
        guard ticks > 0 else { return "\(name) was compared at no tick." }
        let way =
            switch (isLooser, isTighter) {
            case (false, false): "it would have done the same at every tick"
            case (true, false): "where they differ it is looser"
            case (false, true): "where they differ it is tighter"
            case (true, true): "it is looser at times and tighter at others"
            }
        return "\(name) agrees with what ran on \(agreeing * 100 / ticks) % of \(ticks) ticks; \(way)."
    }
}
