import Foundation
import ReckonModel

/// What a client says on a stream connection.
struct StreamCommand: Decodable {
    /// An id of any kind, echoed as it came.
    enum Identity: Decodable {
        case text(String)
        case number(Int64)
        case absent

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .absent
            }
        }

        var json: JSON {
            switch self {
            case .text(let text): .text(text)
            case .number(let number): .number(number)
            case .absent: .null
            }
        }
    }

    let method: String
    let names: [String]
    let id: Identity

    private enum CodingKeys: String, CodingKey {
        case method
        case names = "params"
        case id
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        method = try container.decode(String.self, forKey: .method)
        names = (try? container.decodeIfPresent([String].self, forKey: .names)) ?? []
        id = (try? container.decodeIfPresent(Identity.self, forKey: .id)) ?? .absent
    }

    init?(_ text: String) {
        guard let command = try? JSONDecoder().decode(StreamCommand.self, from: Data(text.utf8)) else {
            return nil
        }
        self = command
    }

    /// Carries the command out and says what to answer.
    func apply(to session: inout StreamSession, strict: Bool) -> JSON {
        switch method.uppercased() {
        case "SUBSCRIBE":
            for name in names { session.subscribe(name, strict: strict) }
            return ["result": nil, "id": id.json]
        case "UNSUBSCRIBE":
            for name in names { session.unsubscribe(name) }
            return ["result": nil, "id": id.json]
        case "LIST_SUBSCRIPTIONS":
            return ["result": .array(session.subscriptions.map { .text($0.name) }), "id": id.json]
        case "SET_PROPERTY", "GET_PROPERTY":
            return ["result": .bool(session.address.isWrapped), "id": id.json]
        default:
            return ["code": 2, "msg": .text("Invalid request: unknown method \(method)"), "id": id.json]
        }
    }
}
