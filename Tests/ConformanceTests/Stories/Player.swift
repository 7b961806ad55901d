import ReckonEngine
import ReckonExchange
import ReckonModel
import Testing

/// A story: where it plays, and what is done.
struct Story: Sendable, CustomStringConvertible {
    let name: String
    var premises = Premises.still
    let steps: [Step]

    init(_ name: String, _ steps: [Step]) {
        self.name = name
        self.steps = steps
    }

    func on(_ change: (inout Premises) -> Void) -> Story {
        var story = self
        change(&story.premises)
        return story
    }

    var description: String { name }
}

/// What one door said to one step.
struct Said: Equatable {
    let answer: Input?
    let stream: [Input]
}

/// Plays steps at all three doors at once and holds them to the same words.
struct Player {
    private var model: ModelDoor
    private var simulated: SimulatedDoor
    private var wire: WireDoor
    private var now = Premises.start
    private(set) var stepsPlayed = 0

    private init(_ premises: Premises, _ wire: WireDoor) {
        model = ModelDoor(premises)
        simulated = SimulatedDoor(premises)
        self.wire = wire
    }

    /// Opens the doors, plays, and closes them whatever comes of it.
    static func play(on premises: Premises, _ body: (inout Player) async throws -> Void) async throws {
        let wire = try await WireDoor.open(premises)
        var player = Player(premises, wire)
        do {
            try await body(&player)
            // Whatever a door has kept back, or told too much, stands before this in its stream.
            let told = premises.configuration.isHedged ? "leverage 3; leverage 3" : "leverage 3"
            try await player.play(Step(.leverage(Premises.ether, 3)).says("leverage 3").tells(told))
        } catch {
            await wire.close()
            throw error
        }
        await wire.close()
    }

    /// For those that make up steps as they go.
    var exchange: Exchange { model.exchange }

    struct Differs: Error, CustomStringConvertible {
        let description: String
    }

    /// What was said to the step, where all doors said the same.
    @discardableResult
    mutating func play(_ step: Step) async throws -> Said {
        stepsPlayed += 1
        let model = await Player.play(step, at: &model, now, hearing: 0)
        let simulated = await Player.play(step, at: &simulated, now, hearing: 0)
        let wire = await Player.play(step, at: &wire, now, hearing: model.stream.count)
        now = now + step.elapsed
        try compare("the model", model, "the simulator's door", simulated, step)
        try compare("the simulator's door", simulated, "the wire", wire, step)
        if let expected = step.answer, Short.text(model.answer) != expected {
            throw differs(step, "the answer was \(Short.text(model.answer)), expected \(expected)")
        }
        if let expected = step.told, Short.text(model.stream) != expected {
            throw differs(step, "the stream told \(Short.text(model.stream)), expected \(expected)")
        }
        return model
    }

    private static func play<One: Door>(
        _ step: Step,
        at door: inout One,
        _ now: VenueInstant,
        hearing count: Int
    ) async -> Said {
        var answer: Input?
        if let request = step.request(at: now) { answer = Silence.naming(await door.ask(request)) }
        if case .happening(let event) = step.act { await door.happen(event) }
        return Said(answer: answer, stream: await door.heard(atLeast: count))
    }

    private func compare(_ one: String, _ left: Said, _ other: String, _ right: Said, _ step: Step) throws {
        if left.answer != right.answer {
            let found = "\(one) answers\n  \(Player.text(left.answer))\n\(other) answers\n  "
            throw differs(step, found + Player.text(right.answer))
        }
        guard left.stream != right.stream else { return }
        let index = zip(left.stream, right.stream).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        guard let index else {
            let texts = "\(Short.text(left.stream))\n\(other):\n  \(Short.text(right.stream))"
            throw differs(step, "one stream tells more. \(one):\n  \(texts)")
        }
        let told = "\(Player.text(left.stream[index]))\n\(other) tells\n  \(Player.text(right.stream[index]))"
        throw differs(step, "event \(index): \(one) tells\n  \(told)")
    }

    private static func text(_ input: Input?) -> String { input.map { "\($0)" } ?? "nothing" }

    private func differs(_ step: Step, _ what: String) -> Differs {
        Differs(description: "step \(stepsPlayed), \(step.act): \(what)")
    }
}
