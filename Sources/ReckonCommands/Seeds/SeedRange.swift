import ArgumentParser

/// `A..B`, both ends included, or `N` for the seeds 1 to N.
struct SeedRange: ExpressibleByArgument {
    let seeds: ClosedRange<UInt64>

    init(_ seeds: ClosedRange<UInt64>) { self.seeds = seeds }

    init?(argument: String) {
        let parts = argument.split(separator: "..", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1:
            guard let last = UInt64(parts[0]), last > 0 else { return nil }
            seeds = 1...last
        case 2:
            guard let first = UInt64(parts[0]), let last = UInt64(parts[1]), first <= last, last < .max
            else {
                return nil
            }
            seeds = first...last
        default: return nil
        }
    }

    var text: String { "\(seeds.lowerBound)..\(seeds.upperBound)" }
}
