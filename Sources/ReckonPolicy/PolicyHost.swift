import CPolicyHost
package import ReckonEngine
import ReckonModel

/// Owns one Lua host; not safe to share, since each call uses the host's own buffers.
final class PolicyHost {
    let host: OpaquePointer
    private var encoding = QuestionEncoding()

    /// What a call asks of the policy.
    enum Ask {
        case initialState
        case migrate
        case evaluate
    }

    /// A plain host has no sandbox, hook and limits: to measure against, never for what is not trusted.
    init(_ files: [PolicyFile], isPlain: Bool = false) throws(PolicyProblem) {
        guard let host = Self.open(files, isPlain: isPlain) else {
            throw PolicyProblem(code: "no_memory", message: "there is no memory for a Lua host")
        }
        self.host = host
        if let outcome = policy_host_load_outcome(host)?.pointee, let fault = PolicyAnswer(outcome).fault {
            throw Self.problem(fault, code: fault.code == .load ? "syntax" : "load_\(fault.code.rawValue)")
        }
    }

    deinit { policy_host_free(host) }

    func setParameters(_ values: Table<String, Double>) { encoding.setParameters(values) }

    func ask(_ ask: Ask, _ question: PolicyQuestion, _ extra: QuestionExtra) -> PolicyAnswer {
        encoding.withQuestion(question, extra) { flat in
            let outcome =
                switch ask {
                case .initialState: policy_host_initial_state(host, flat)
                case .migrate: policy_host_migrate(host, flat)
                case .evaluate: policy_host_evaluate(host, flat)
                }
            guard let outcome else { preconditionFailure("the policy host answers every call") }
            return PolicyAnswer(outcome.pointee)
        }
    }

    /// Runs the main chunk and reads the policy table.
    func describe() throws(PolicyProblem) -> PolicyDescription {
        let raw = UnsafeMutablePointer<policy_description>.allocate(capacity: 1)
        defer { raw.deallocate() }
        guard let outcome = policy_host_describe(host, raw) else {
            preconditionFailure("the policy host answers every call")
        }
        if let fault = PolicyAnswer(outcome.pointee).fault {
            throw Self.problem(
                fault,
                code: fault.code == .load ? "policy_table" : "chunk_\(fault.code.rawValue)"
            )
        }
        return PolicyDescription(
            raw,
            arena: UnsafeRawBufferPointer(start: outcome.pointee.arena, count: outcome.pointee.arena_length)
        )
    }

    private static func open(_ files: [PolicyFile], isPlain: Bool) -> OpaquePointer? {
        // C copies names and bytes, so they need only live as long as this call.
        var texts: [[CChar]] = []
        for file in files {
            texts.append(terminated(Array(file.module.utf8)))
            texts.append(terminated(Array("@\(file.name)".utf8)))
            texts.append(terminated(file.bytes))
        }
        return withPointers(to: texts) { pointers in
            let sources = files.indices.map { index in
                policy_source(
                    module: pointers[3 * index],
                    chunk: pointers[3 * index + 1],
                    bytes: pointers[3 * index + 2],
                    length: files[index].bytes.count
                )
            }
            return isPlain
                ? policy_host_new_plain(sources, sources.count) : policy_host_new(sources, sources.count)
        }
    }

    private static func terminated(_ bytes: [UInt8]) -> [CChar] {
        var text = bytes.map { CChar(bitPattern: $0) }
        text.append(0)
        return text
    }

    private static func withPointers<Result>(
        to texts: [[CChar]],
        _ body: ([UnsafePointer<CChar>]) -> Result
    ) -> Result {
        let copies = texts.map { text in
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
            copy.initialize(from: text, count: text.count)
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        return body(copies.map { UnsafePointer($0) })
    }

    /// Takes file and line out of Lua's `policy.lua:3: …`.
    static func problem(_ fault: PolicyFault, code: String) -> PolicyProblem {
        let parts = fault.message.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasSuffix(".lua"), let line = Int(parts[1]) else {
            return PolicyProblem(code: code, file: "policy.lua", message: fault.message)
        }
        let message = String(parts[2].drop { $0 == " " })
        return PolicyProblem(code: code, file: String(parts[0]), line: line, message: message)
    }
}

extension PolicyProblem {
    /// A fault as a problem, with the file and line that Lua named.
    package init(_ fault: PolicyFault, code: String) { self = PolicyHost.problem(fault, code: code) }
}

/// What the policy table says about itself.
struct PolicyDescription {
    let name: String
    let version: String?
    let api: Int
    let stateVersion: Int64
    let canMigrate: Bool
    let parameters: [PolicyParameter]
    let unknownField: String?

    init(_ raw: UnsafeMutablePointer<policy_description>, arena: UnsafeRawBufferPointer) {
        func text(_ text: policy_text) -> String { PolicyAnswer.text(text, in: arena) }
        name = text(raw.pointee.name)
        version = raw.pointee.version.length > 0 ? text(raw.pointee.version) : nil
        api = Int(raw.pointee.api)
        stateVersion = raw.pointee.has_state_version ? raw.pointee.state_version : 0
        canMigrate = raw.pointee.has_migrate
        unknownField = raw.pointee.unknown_field.length > 0 ? text(raw.pointee.unknown_field) : nil
        let count = raw.pointee.param_count
        parameters = withUnsafeBytes(of: &raw.pointee.params) { bytes in
            bytes.bindMemory(to: policy_param.self).prefix(count).map { row in
                PolicyParameter(
                    name: text(row.name),
                    initial: row.initial,
                    range: row.least...row.most,
                    unit: text(row.unit),
                    doc: text(row.doc)
                )
            }
        }
    }
}
