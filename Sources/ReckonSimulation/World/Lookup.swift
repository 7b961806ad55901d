/// Values that are only ever asked for by their key.
///
/// Quicker than a `Table` where keys come and go all the time. It cannot be walked but in the order of its keys, so nothing
/// can come to hang on how a process hashes; that is why it alone may hold a dictionary.
struct Lookup<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var values: [Key: Value] = [:]

    subscript(key: Key) -> Value? {
        get { values[key] }
        _modify { yield &values[key] }
    }

    subscript(key: Key, default fallback: @autoclosure () -> Value) -> Value {
        get { values[key] ?? fallback() }
        _modify { yield &values[key, default: fallback()] }
    }

    mutating func removeAll() { values.removeAll() }
}

extension Lookup where Key: Comparable {
    /// In the order of the keys.
    var sorted: [(key: Key, value: Value)] { values.sorted { $0.key < $1.key } }
}
