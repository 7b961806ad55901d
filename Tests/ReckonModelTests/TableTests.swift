import ReckonModel
import Testing

@Suite("The ordered table")
struct TableTests {
    /// The same collection in the plainest way: pairs in an array, sorted anew after each change.
    struct Reference {
        var rows: [(key: Int, value: Int)] = []

        subscript(key: Int) -> Int? {
            get { rows.first { $0.key == key }?.value }
            set {
                rows.removeAll { $0.key == key }
                if let newValue { rows.append((key, newValue)) }
                rows.sort { $0.key < $1.key }
            }
        }
    }

    @Test(
        "it does what a sorted array of pairs does, whatever the order of changes",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func reference(seed: UInt64) {
        var dice = Dice(seed: seed)
        var table: Table<Int, Int> = Table()
        var reference = Reference()
        for _ in 0..<250 {
            let key = Int(dice.roll(in: 0...25))
            let value = Int(dice.roll(in: 0...99))
            switch dice.roll(below: 6) {
            case 0, 1:
                table[key] = value
                reference[key] = value
            case 2:
                table[key] = nil
                reference[key] = nil
            case 3:
                table[key, default: 1] += value
                reference[key] = (reference[key] ?? 1) + value
            case 4:
                let doubled = table.update(key) { row -> Int in
                    row *= 2
                    return row
                }
                #expect(doubled == reference[key].map { $0 * 2 })
                if let doubled { reference[key] = doubled }
            default:
                #expect(table[key, default: -1] == reference[key] ?? -1)
            }
            #expect(table[key] == reference[key])
            #expect(table.keys == reference.rows.map(\.key) && table.values == reference.rows.map(\.value))
        }
        #expect(table.map(\.key) == table.keys && table.map(\.value) == table.values)
        #expect(table.count == reference.rows.count && table.isEmpty == reference.rows.isEmpty)
        table.removeAll()
        #expect(table.isEmpty && table.keys.isEmpty)
    }

    @Test("equal content is equal and iterates equally, however it came about")
    func history() {
        var dice = Dice(seed: 3)
        var once: Table<String, Int> = Table()
        var other: Table<String, Int> = Table()
        let keys = (0..<60).map { "key \($0)" }
        for key in keys { once[key] = key.count }
        for key in keys.reversed() {
            other[key] = Int(dice.roll(in: 0...9))
            other["passing \(key)"] = 1
        }
        for key in keys {
            other["passing \(key)"] = nil
            other[key] = key.count
        }
        #expect(once == other && once.keys == other.keys && once.values == other.values)
        #expect(Set([once, other]).count == 1)
    }
}
