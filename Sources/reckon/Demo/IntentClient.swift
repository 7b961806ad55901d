import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Speaks the engine's HTTP API as any strategy would: nothing here knows that the engine is in this process.
struct IntentClient: Sendable {
    let base: String
    private let http = HTTPClient.shared

    init(base: String) { self.base = base }

    /// What the API said to an intent.
    enum Reply: Sendable {
        case accepted(id: Int64)
        /// A rule said no, or the engine wants to be asked later.
        case refused(rule: String)
        /// Nothing usable came back; the same key may be sent again.
        case unanswered(String)
    }

    /// How an intent stands.
    struct Standing: Decodable, Sendable {
        let state: String
    }

    func submit(_ intent: StrategyIntent) async -> Reply {
        do {
            var request = HTTPClientRequest(url: "\(base)/v1/intents")
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(data: try JSONEncoder().encode(intent)))
            let response = try await http.execute(request, timeout: .seconds(5))
            let body = try await response.body.collect(upTo: 1 << 20)
            switch response.status.code {
            case 202:
                let receipt = try JSONDecoder().decode(Receipt.self, from: body)
                return .accepted(id: receipt.id.number)
            case 400..<504:
                let refusal = try? JSONDecoder().decode(RefusalBody.self, from: body)
                return .refused(
                    rule: refusal?.error.rule ?? refusal?.error.code ?? "http_\(response.status.code)"
                )
            default: return .unanswered("HTTP \(response.status.code)")
            }
        } catch {
            return .unanswered("\(error)")
        }
    }

    func standing(of id: Int64) async -> Standing? {
        do {
            let request = HTTPClientRequest(url: "\(base)/v1/intents/\(id)")
            let response = try await http.execute(request, timeout: .seconds(5))
            return try JSONDecoder().decode(
                Standing.self,
                from: try await response.body.collect(upTo: 4 << 20)
            )
        } catch {
            return nil
        }
    }

    private struct Receipt: Decodable {
        let id: FlexibleNumber

        enum CodingKeys: String, CodingKey {
            case id = "intent_id"
        }
    }

    private struct RefusalBody: Decodable {
        struct Body: Decodable {
            let code: String
            let rule: String?
        }

        let error: Body
    }
}

/// A whole number, written as one or as text.
private struct FlexibleNumber: Decodable {
    let number: Int64

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            self.number = number
            return
        }
        let text = try container.decode(String.self)
        guard let number = Int64(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not a whole number: \(text)"
            )
        }
        self.number = number
    }
}

/// The body of an intent, as the API takes it.
struct StrategyIntent: Encodable, Sendable {
    var key: String
    var kind: String
    var symbol: String
    var side: String?
    var type: String?
    var notional: String?
    var confidence: Double?
    var stop: Stop?
    var close: Bool?

    struct Stop: Encodable, Sendable {
        let distance: Int

        enum CodingKeys: String, CodingKey {
            case distance = "distance_bps"
        }
    }

    enum CodingKeys: String, CodingKey {
        case key
        case kind
        case symbol
        case side
        case type
        case notional = "notional_usdt"
        case confidence
        case stop
        case close
    }

    static func entry(key: String, symbol: String, side: String, notional: Int, stop: Int) -> StrategyIntent {
        var intent = StrategyIntent(key: key, kind: "entry", symbol: symbol)
        intent.side = side
        intent.type = "market"
        intent.notional = "\(notional)"
        intent.confidence = 0.9
        intent.stop = Stop(distance: stop)
        return intent
    }

    static func close(key: String, symbol: String) -> StrategyIntent {
        var intent = StrategyIntent(key: key, kind: "exit", symbol: symbol)
        intent.type = "market"
        intent.close = true
        return intent
    }
}
