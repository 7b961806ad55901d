import ArgumentParser
import ReckonPolicy

/// `a.risk_slope=0.2:0.6:0.1`: a parameter of one policy, from, to, and in which steps.
struct Sweep: ExpressibleByArgument {
    let target: SettingTarget
    let values: [Double]

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let target = SettingTarget(parts[0]), target.label != nil else { return nil }
        let numbers = parts[1].split(separator: ":").compactMap { Double($0) }
        guard numbers.count == 3, numbers.allSatisfy(\.isFinite), numbers[2] > 0, numbers[0] <= numbers[1]
        else { return nil }
        let steps = ((numbers[1] - numbers[0]) / numbers[2] + 1e-9).rounded(.down)
        guard steps < 1_000 else { return nil }
        self.target = target
        values = (0...Int(steps)).map { Sweep.short(numbers[0] + Double($0) * numbers[2]) }
    }

    /// Nobody wants to read 0.30000000000000004.
    private static func short(_ value: Double) -> Double { (value * 1e9).rounded() / 1e9 }
}

/// `risk_slope` for every policy that has it, or `b.risk_slope` for one.
struct SettingTarget: Hashable {
    let label: String?
    let name: String

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty }), (1...2).contains(parts.count) else { return nil }
        label = parts.count == 2 ? parts[0] : nil
        name = parts[parts.count - 1]
    }
}

/// Who takes part, from what was typed.
struct ContenderList {
    let paths: [String]
    let settings: [ParameterSetting]
    let sweeps: [Sweep]

    /// The first is the one that all others are held against; it keeps its parameters in a sweep of its own.
    func contenders() throws -> [Contender] {
        var made: [(path: String, settings: [Contender.Setting])] = []
        for (index, path) in paths.enumerated() {
            let label = Contender.label(index)
            let plain = try settings(of: label, path)
            let variants = variants(of: label)
            if index == 0 || variants.isEmpty { made.append((path, plain)) }
            for variant in variants {
                let kept = plain.filter { old in !variant.contains { $0.name == old.name } }
                made.append((path, kept + variant))
            }
        }
        try refuseUnknownLabels()
        guard made.count <= 200 else { throw ValidationError("\(made.count) policies; at most 200") }
        return try made.enumerated().map { index, one in
            try Contender(label: Contender.label(index), path: one.path, settings: one.settings)
        }
    }

    private func settings(of label: String, _ path: String) throws -> [Contender.Setting] {
        var result: [Contender.Setting] = []
        for setting in settings {
            guard let target = SettingTarget(setting.name) else {
                throw ValidationError("--set \(setting.name): give NAME=VALUE, or b.NAME=VALUE")
            }
            let isMeant = try target.label.map { $0 == label } ?? declares(path, target.name)
            if isMeant { result.append(Contender.Setting(name: target.name, value: setting.value)) }
        }
        return result
    }

    private func declares(_ path: String, _ name: String) throws -> Bool {
        do throws(PolicyProblem) {
            return try PolicyRuntime(PolicyChoice.directory(path)).parameters.declares(name)
        } catch {
            throw ValidationError("\(path): \(error.text)")
        }
    }

    /// All combinations.
    private func variants(of label: String) -> [[Contender.Setting]] {
        let own = sweeps.filter { $0.target.label == label }
        guard !own.isEmpty else { return [] }
        return own.reduce([[]]) { made, sweep in
            made.flatMap { one in
                sweep.values.map { one + [Contender.Setting(name: sweep.target.name, value: $0)] }
            }
        }
    }

    private func refuseUnknownLabels() throws {
        let known = paths.indices.map { Contender.label($0) }
        let named = sweeps.compactMap(\.target.label) + settings.compactMap { SettingTarget($0.name)?.label }
        for label in named where !known.contains(label) {
            throw ValidationError("there is no policy \(label); they are \(known.joined(separator: ", "))")
        }
        for setting in settings {
            guard let target = SettingTarget(setting.name), target.label == nil else { continue }
            let isKnown = try paths.contains { try declares($0, target.name) }
            if !isKnown { throw ValidationError("no policy has a parameter \(target.name)") }
        }
    }
}
