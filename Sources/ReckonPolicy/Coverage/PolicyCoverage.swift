import CPolicyHost

/// Which lines of a policy's files ran.
package struct PolicyCoverage: Sendable {
    package struct File: Sendable, Hashable {
        package let name: String
        /// Lines that can run, in order.
        package let active: [Int]
        /// Those of them that never did.
        package let missed: [Int]

        package var covered: Int { active.count - missed.count }

        /// Missed lines as ranges, such as `4-6, 9`; lines between two that cannot run do not part them.
        package var missedText: String {
            var ranges: [ClosedRange<Int>] = []
            var lastMissed: Int?
            for line in active {
                guard missed.contains(line) else {
                    lastMissed = nil
                    continue
                }
                if lastMissed != nil, let range = ranges.popLast() {
                    ranges.append(range.lowerBound...line)
                } else {
                    ranges.append(line...line)
                }
                lastMissed = line
            }
            return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
                .joined(separator: ", ")
        }
    }

    package let files: [File]

    package var active: Int { files.reduce(0) { $0 + $1.active.count } }
    package var covered: Int { files.reduce(0) { $0 + $1.covered } }

    /// 0 to 100; a policy without a line that can run is covered.
    package var percent: Double { active == 0 ? 100 : Double(covered) * 100 / Double(active) }
}

extension PolicyRuntime {
    /// Notes from now on which lines run; evaluations take longer and answer the same.
    package func noteLines() throws(PolicyProblem) {
        guard policy_host_note_lines(host.host) else {
            throw PolicyProblem(code: "no_memory", message: "there is no memory to note lines in")
        }
    }

    package func forgetLines() { policy_host_forget_lines(host.host) }

    /// What has run since lines are noted.
    package var coverage: PolicyCoverage {
        PolicyCoverage(
            files: directory.files.indices.map { index in
                let active = activeLines(of: index)
                let hits = hits(in: index)
                return PolicyCoverage.File(
                    name: directory.files[index].name,
                    active: active,
                    missed: active.filter { !hits.contains($0) }
                )
            }
        )
    }

    private func activeLines(of source: Int) -> [Int] {
        var length = 0
        guard let start = policy_host_bytecode(host.host, source, &length),
            let code = Bytecode(UnsafeBufferPointer(start: start, count: length))
        else { return [] }
        return code.activeLines.sorted()
    }

    private func hits(in source: Int) -> Set<Int> {
        var lines: Set<Int> = []
        for (index, byte) in lineBytes(of: source).enumerated() where byte != 0 {
            for bit in 0..<8 where byte & (1 << bit) != 0 { lines.insert(index * 8 + bit) }
        }
        return lines
    }

    private func lineBytes(of source: Int) -> UnsafeBufferPointer<UInt8> {
        var length = 0
        let start = policy_host_lines(host.host, source, &length)
        return UnsafeBufferPointer(start: start, count: start == nil ? 0 : length)
    }

    /// A digest of the set of lines that have run since they were last forgotten: two evaluations with one digest took
    /// the same way through the policy.
    func lineSignature() -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in directory.files.indices {
            for byte in lineBytes(of: index) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        return hash
    }

    /// Adds the lines that have run to `seen`, a byte array per file; says whether any was new.
    func collectLines(into seen: inout [[UInt8]]) -> Bool {
        var isNew = false
        for index in directory.files.indices {
            let bytes = lineBytes(of: index)
            if seen.count <= index { seen.append([UInt8](repeating: 0, count: bytes.count)) }
            for (place, byte) in bytes.enumerated() where byte & ~seen[index][place] != 0 {
                seen[index][place] |= byte
                isNew = true
            }
        }
        return isNew
    }

    /// The coverage that collected bytes amount to.
    func coverage(of seen: [[UInt8]]) -> PolicyCoverage {
        PolicyCoverage(
            files: directory.files.indices.map { index in
                let active = activeLines(of: index)
                let bytes = index < seen.count ? seen[index] : []
                let missed = active.filter { $0 / 8 >= bytes.count || bytes[$0 / 8] & (1 << ($0 % 8)) == 0 }
                return PolicyCoverage.File(name: directory.files[index].name, active: active, missed: missed)
            }
        )
    }
}
