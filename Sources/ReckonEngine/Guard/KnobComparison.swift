package import ReckonModel

extension Knobs {
    /// The knobs that are looser here than in `other`; `symbols` where a single symbol gets more than its knobs there
    /// give it.
    package func looser(than other: Knobs) -> [KnobName] {
        let found = KnobName.scalars.filter { isLooser($0, than: other) }
        // While entries are closed there, nothing is looser for any symbol but what is looser at large.
        guard other.allowEntries else { return found }
        let named = Array(symbols.map(\.key)) + Array(other.symbols.map(\.key))
        for symbol in named where symbols[symbol] != other.symbols[symbol] {
            let mine = narrowed(to: symbol)
            let theirs = other.narrowed(to: symbol)
            let isLooser = KnobName.scalars.contains { knob in
                !found.contains(knob) && mine.isLooser(knob, than: theirs)
            }
            if isLooser { return found + [.symbols] }
        }
        return found
    }

    /// What holds for one symbol, as general knobs.
    package func narrowed(to symbol: Symbol) -> Knobs {
        guard let own = own(symbol) else { return self }
        var knobs = self
        knobs.allowEntries = allowEntries && own.allowEntries ?? true
        knobs.maxNotional = min(maxNotional, own.maxNotional ?? .infinity)
        knobs.maxLeverage = min(maxLeverage, own.maxLeverage ?? .max)
        knobs.minEntryConfidence = max(minEntryConfidence, own.minEntryConfidence ?? 0)
        knobs.entryCooldownSeconds = max(entryCooldownSeconds, own.entryCooldownSeconds ?? 0)
        return knobs
    }
}
