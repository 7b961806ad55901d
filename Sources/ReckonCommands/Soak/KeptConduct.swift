import Foundation
import ReckonSimulation

/// What engines did in fixed seeds, as a file keeps it: sums by kind, and a short digest of each seed.
struct KeptConduct: Equatable {
    struct Lane: Equatable {
        var deeds: [String: Conduct.Deed] = [:]
        /// Four hexadecimal digits by seed.
        var seeds: [UInt64: String] = [:]
    }

    /// By scenario and policy.
    private(set) var lanes: [String: Lane] = [:]

    init() {}

    mutating func add(_ report: SeedReport, _ lane: SeedLane) {
        let conduct = report.conduct ?? [:]
        for (kind, deed) in conduct {
            lanes[lane.text, default: Lane()].deeds[kind, default: .init()] += deed
        }
        lanes[lane.text, default: Lane()].seeds[report.seed] = KeptConduct.digest(conduct)
    }

    private static func digest(_ conduct: [String: Conduct.Deed]) -> String {
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for (kind, deed) in conduct.sorted(by: { $0.key < $1.key }) {
            for byte in "\(kind) \(deed.count) \(deed.moments) \(deed.words);".utf8 {
                sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            }
        }
        return hex(sum >> 48, digits: 4)
    }

    private static func hex(_ number: some BinaryInteger, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    // MARK: As a file

    var text: String {
        var lines = [
            "# What the engine did in the fixed seeds, by kind: how often, the sum of the moments in milliseconds, and a",
            "# checksum of the words; then a digest of each seed. `reckon batch --write-conduct` writes this file.",
        ]
        for (name, lane) in lanes.sorted(by: { $0.key < $1.key }) {
            lines += ["", "[\(name)]"]
            for (kind, deed) in lane.deeds.sorted(by: { $0.key < $1.key }) {
                lines.append(
                    "\(kind) = \(deed.count) \(deed.moments) \(KeptConduct.hex(deed.words, digits: 8))"
                )
            }
            let seeds = lane.seeds.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
            for first in stride(from: 0, to: seeds.count, by: 12) {
                lines.append("seeds " + seeds[first..<min(first + 12, seeds.count)].joined(separator: " "))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    init(reading file: String) throws(ScenarioProblem) {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ScenarioProblem(text: "\(file): cannot be read as UTF-8 text")
        }
        var name = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty && !line.hasPrefix("#") {
            if line.hasPrefix("["), line.hasSuffix("]") {
                name = String(line.dropFirst().dropLast())
            } else if !take(line, into: name) {
                throw ScenarioProblem(
                    text: "\(file):\(index + 1): found \(line.prefix(60)), allowed: [scenario with policy], "
                        + "kind = count moments words, or seeds; write the file anew with --write-conduct"
                )
            }
        }
    }

    private mutating func take(_ line: Substring, into name: String) -> Bool {
        guard !name.isEmpty else { return false }
        if line.hasPrefix("seeds ") {
            for word in line.dropFirst(6).split(separator: " ") {
                let parts = word.split(separator: ":")
                guard parts.count == 2, let seed = UInt64(parts[0]) else { return false }
                lanes[name, default: Lane()].seeds[seed] = String(parts[1])
            }
            return true
        }
        guard let sign = line.range(of: " = ") else { return false }
        let numbers = line[sign.upperBound...].split(separator: " ")
        guard numbers.count == 3, let count = Int(numbers[0]), let moments = Int64(numbers[1]),
            let words = UInt32(numbers[2], radix: 16)
        else { return false }
        var deed = Conduct.Deed()
        deed.count = count
        deed.moments = moments
        deed.words = words
        lanes[name, default: Lane()].deeds[String(line[..<sign.lowerBound])] = deed
        return true
    }

    // MARK: Against another

    /// What `found` does otherwise than what is kept here, for people; empty where nothing.
    func differences(from found: KeptConduct) -> [String] {
        let names = Set(lanes.keys).union(found.lanes.keys).sorted()
        return names.flatMap { name in
            let kept = lanes[name] ?? Lane()
            let now = found.lanes[name] ?? Lane()
            return kept == now ? [] : KeptConduct.differences(in: name, from: kept, to: now)
        }
    }

    private static func differences(in name: String, from kept: Lane, to now: Lane) -> [String] {
        let seeds = Set(kept.seeds.keys).union(now.seeds.keys).filter { kept.seeds[$0] != now.seeds[$0] }
            .sorted()
        let some = seeds.prefix(8).map { "\($0)" }.joined(separator: ", ")
        var lines = [
            "\(name): \(seeds.count) of \(now.seeds.count) seeds act otherwise than kept: \(some)"
                + (seeds.count > 8 ? ", …" : "")
        ]
        for kind in Set(kept.deeds.keys).union(now.deeds.keys).sorted()
        where kept.deeds[kind] != now.deeds[kind] {
            let before = kept.deeds[kind] ?? Conduct.Deed()
            let after = now.deeds[kind] ?? Conduct.Deed()
            let change =
                if before.count != after.count {
                    "\(before.count) → \(after.count) times"
                } else if before.moments != after.moments {
                    "\(before.count) times, at other moments"
                } else {
                    "\(before.count) times, in other words"
                }
            lines.append("    \(kind): \(change)")
        }
        return lines
    }
}
