import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ReckonControl
import ReckonHost

/// Asks a running engine.
struct APIClient: Sendable {
    private let base: String
    private let token: Secret?

    /// Asks at `HOST:PORT` or a URL, with the token of a file, else of the environment, else without.
    init(api: String?, tokenFile: String?) throws {
        let text = api ?? "127.0.0.1:8787"
        let url = text.contains("://") ? text : "http://\(text)"
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            parts.scheme == "http" || parts.scheme == "https", parts.path.isEmpty || parts.path == "/"
        else {
            throw Complaint("--api: found \"\(text.prefix(60))\", allowed HOST:PORT or http(s)://HOST[:PORT]")
        }
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        token = try Secret.find(
            file: tokenFile,
            key: "--token-file",
            variable: "RECKON_API_TOKEN",
            environment: ProcessInfo.processInfo.environment
        )
    }

    func get(_ path: String) async throws -> JSON { try await ask(.GET, path, nil) }

    func post(_ path: String, _ body: JSON) async throws -> JSON { try await ask(.POST, path, body) }

    func delete(_ path: String) async throws -> JSON { try await ask(.DELETE, path, nil) }

    private func ask(_ method: HTTPMethod, _ path: String, _ body: JSON?) async throws -> JSON {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token.text)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.description))
        }
        let response: HTTPClientResponse
        let answer: ByteBuffer
        do {
            response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            answer = try await response.body.collect(upTo: 16 << 20)
        } catch {
            throw Complaint(
                "no engine answers at \(base) (\(error)); is `reckon run` alive, and --api right?"
            )
        }
        guard let json = try? JSONReader.read(answer.readableBytesView) else {
            throw Complaint("\(base) answers, but not as an engine does (HTTP \(response.status.code))")
        }
        guard (200..<300).contains(response.status.code) else {
            var text = "HTTP \(response.status.code)"
            if case .text(let message) = json["error"]?["message"] { text += ": \(message)" }
            // A rule that says no, or an engine that cannot now: nothing is wrong with what was typed.
            let answers: [UInt] = [404, 409, 422, 503]
            throw Complaint("\(method) \(path): \(text)", isAnswer: answers.contains(response.status.code))
        }
        return json
    }
}
