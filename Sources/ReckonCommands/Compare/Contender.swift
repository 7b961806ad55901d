import ArgumentParser
import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSimulation

/// A policy that takes part in a comparison, with its parameters.
struct Contender: Codable, Hashable, Sendable {
    struct Setting: Codable, Hashable, Sendable {
        let name: String
        let value: Double
    }

    /// `a` is the one that all others are held against; controls go by their name.
    let label: String
    let name: String
    let path: String
    let digest: String
    let settings: [Setting]

    static let controls = ["never", "always"]

    var isControl: Bool { Contender.controls.contains(label) }

    /// As a reader knows it: the name, and what was set.
    var title: String {
        ([name] + settings.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    }

    init(label: String, path: String, settings: [Setting]) throws {
        var overrides: Table<String, Double> = Table()
        for setting in settings { overrides[setting.name] = setting.value }
        do throws(PolicyProblem) {
            let identity = try PolicySeat(PolicyChoice.directory(path), overrides: overrides).identity
            name = identity.name
            digest = identity.digest
        } catch {
            throw ValidationError("\(path): \(error.text)")
        }
        self.label = label
        self.path = path
        self.settings = settings
    }

    func command(_ scenario: ScenarioTerms, hours: Double?) -> WorkerCommand {
        var command = WorkerCommand(policy: path, scenario: scenario.source, hours: hours)
        command.settings = settings.compactMap { ParameterSetting(argument: "\($0.name)=\($0.value)") }
        return command
    }

    /// `a` to `z`, then `aa`, `ab`, ….
    static func label(_ index: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        let last = String(letters[index % letters.count])
        return index < letters.count ? last : label(index / letters.count - 1) + last
    }
}

/// A policy by its directory, or one of the two that are built in to hold others against.
enum PolicyChoice {
    static func directory(_ path: String) throws(PolicyProblem) -> PolicyDirectory {
        switch path {
        case "never": try .never
        case "always": try .always
        default: try PolicyDirectory(reading: path)
        }
    }

    static func require(_ path: String) throws {
        if !Contender.controls.contains(path) { try PolicyPath.requireDirectory(path) }
    }
}
