package import ReckonModel

/// What an engine did in a run, by kind: how often, when, and in what words.
///
/// It says nothing of right or wrong. Two engines that do the same in a seed agree in all of it; it hangs neither on the
/// digest of the policy nor on the release of Lua.
package struct Conduct: Sendable, Equatable {
    package struct Deed: Sendable, Hashable, Codable {
        package var count = 0
        /// Sum of the moments, in milliseconds since the run's start.
        package var moments: Int64 = 0
        /// Sum of the words' digests, 32 bits of it; 0 for a kind whose words are not looked at.
        package var words: UInt32 = 0

        package init() {}

        package static func += (left: inout Deed, right: Deed) {
            left.count += right.count
            left.moments &+= right.moments
            left.words &+= right.words
        }
    }

    package private(set) var deeds: Table<String, Deed> = Table()

    package init() {}

    mutating func note(_ kind: String, at moment: Span, _ words: String = "") {
        var deed = deeds[kind] ?? Deed()
        deed.count += 1
        deed.moments &+= moment.milliseconds
        if !words.isEmpty { deed.words &+= Conduct.digest(words) }
        deeds[kind] = deed
    }

    private static func digest(_ words: String) -> UInt32 {
        words.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }
}
