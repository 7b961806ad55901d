/// A keyed collection whose order is that of its keys, so that no result ever hangs on hashing.
///
/// Lookup is a binary search; insertion moves what follows. Meant for up to some thousands of rows.
package struct Table<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    package private(set) var keys: [Key] = []
    package private(set) var values: [Value] = []

    package init() {}

    package var count: Int { keys.count }

    package var isEmpty: Bool { keys.isEmpty }

    /// Reads, writes, or with `nil` removes the row of a key.
    package subscript(key: Key) -> Value? {
        get {
            let (index, found) = place(of: key)
            return found ? values[index] : nil
        }
        set {
            let (index, found) = place(of: key)
            switch (found, newValue) {
            case (true, .some(let value)): values[index] = value
            case (true, .none):
                keys.remove(at: index)
                values.remove(at: index)
            case (false, .some(let value)):
                keys.insert(key, at: index)
                values.insert(value, at: index)
            case (false, .none): break
            }
        }
    }

    /// Reads a row, or what it would be; writing through it changes the row in place.
    package subscript(key: Key, default absent: @autoclosure () -> Value) -> Value {
        get {
            let (index, found) = place(of: key)
            return found ? values[index] : absent()
        }
        _modify {
            let (index, found) = place(of: key)
            if !found {
                keys.insert(key, at: index)
                values.insert(absent(), at: index)
            }
            yield &values[index]
        }
    }

    /// Changes a row in place where it exists.
    @discardableResult
    package mutating func update<Result>(
        _ key: Key,
        _ body: (inout Value) throws -> Result
    ) rethrows -> Result? {
        let (index, found) = place(of: key)
        guard found else { return nil }
        return try body(&values[index])
    }

    package mutating func removeAll() {
        keys.removeAll()
        values.removeAll()
    }

    private func place(of key: Key) -> (index: Int, found: Bool) {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return (low, low < keys.count && keys[low] == key)
    }
}

extension Table: Sequence {
    /// Walks the rows in the order of their keys.
    package struct Iterator: IteratorProtocol {
        private let table: Table
        private var index = 0

        fileprivate init(_ table: Table) { self.table = table }

        package mutating func next() -> (key: Key, value: Value)? {
            guard index < table.keys.count else { return nil }
            defer { index += 1 }
            return (table.keys[index], table.values[index])
        }
    }

    package func makeIterator() -> Iterator { Iterator(self) }
}

extension Table: Equatable where Value: Equatable {}

extension Table: Hashable where Key: Hashable, Value: Hashable {}

extension Table: Encodable where Key: Encodable, Value: Encodable {
    /// Writes an array of alternating keys and values, so that any key type works and the order is kept.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for (key, value) in self {
            try container.encode(key)
            try container.encode(value)
        }
    }
}

extension Table: Decodable where Key: Decodable, Value: Decodable {
    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        while !container.isAtEnd {
            let key = try container.decode(Key.self)
            self[key] = try container.decode(Value.self)
        }
    }
}
