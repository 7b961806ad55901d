import Foundation

/// Reads one member of a JSON text by its path, as text; array places are numbers.
func member(_ path: String, of json: String) -> String? {
    var value: Any? = try? JSONSerialization.jsonObject(with: Data(json.utf8), options: [.fragmentsAllowed])
    for step in path.split(separator: ".") {
        if let index = Int(step), let list = value as? [Any] {
            value = list.indices.contains(index) ? list[index] : nil
        } else {
            value = (value as? [String: Any])?[String(step)]
        }
    }
    switch value {
    case let text as String: return text
    case let number as NSNumber: return "\(number)"
    case let list as [Any]: return "\(list.count) items"
    default: return nil
    }
}

func count(of json: String) -> Int? {
    let value = try? JSONSerialization.jsonObject(with: Data(json.utf8), options: [.fragmentsAllowed])
    return (value as? [Any])?.count
}

extension Answer {
    func text(_ path: String) -> String? { member(path, of: body) }

    var code: String? { text("code") }
}

extension Ear {
    func types() -> [String] { box.all.compactMap { member("e", of: $0) ?? member("data.e", of: $0) } }
}
