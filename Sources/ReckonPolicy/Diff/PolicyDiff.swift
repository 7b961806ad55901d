package import ReckonEngine

/// Where the knobs of two policies differ over a grid of beliefs, and by how much.
package struct PolicyDiff: Sendable {
    package struct Plan: Sendable {
        package var across: BeliefField
        package var down: BeliefField
        /// Largest values of the axes; the smallest are neutral.
        package var most: (across: Double, down: Double)
        package var cells = 24
        /// Seconds that each belief is held before the knobs are compared, in ticks of five seconds.
        package var hold = 0.0
        package var limits = GuardLimits.trial
        /// What all beliefs have beside the two fields.
        package var base = Belief.neutral

        package init(across: BeliefField, down: BeliefField, most: (across: Double, down: Double)) {
            self.across = across
            self.down = down
            self.most = most
        }
    }

    package struct Cell: Sendable {
        package let across: Double
        package let down: Double
        package let left: Knobs
        package let right: Knobs
    }

    /// How one knob differs over the whole grid.
    package struct Row: Sendable {
        package let knob: KnobName
        /// Cells in which the first policy is tighter, and looser.
        package let tighter: Int
        package let looser: Int
        /// The cell of the largest difference.
        package let most: Cell?
    }

    package let plan: Plan
    /// Row by row, from neutral downwards.
    package let cells: [[Cell]]
    package let rows: [Row]

    package init(_ left: PolicyRuntime, _ right: PolicyRuntime, _ plan: Plan) throws(PolicyProblem) {
        self.plan = plan
        var cells: [[Cell]] = []
        for down in Self.values(plan.down, to: plan.most.down, plan.cells / 2) {
            var row: [Cell] = []
            for across in Self.values(plan.across, to: plan.most.across, plan.cells) {
                var belief = plan.base
                plan.across.write(across, to: &belief)
                plan.down.write(down, to: &belief)
                let knobs = [
                    try Self.knobs(left, belief, plan), try Self.knobs(right, belief, plan),
                ]
                row.append(Cell(across: across, down: down, left: knobs[0], right: knobs[1]))
            }
            cells.append(row)
        }
        self.cells = cells
        rows = KnobName.allCases.map { Self.row($0, cells.flatMap { $0 }) }
    }

    private static func values(_ field: BeliefField, to most: Double, _ count: Int) -> [Double] {
        var values: [Double] = []
        for index in 0..<count {
            let share = Double(index) / Double(max(count - 1, 1))
            let value = field.neutral + (most - field.neutral) * share
            let place = field.isWhole ? value.rounded() : value
            if values.last != place { values.append(place) }
        }
        return values
    }

    private static func knobs(_ runtime: PolicyRuntime, _ belief: Belief, _ plan: Plan) throws(PolicyProblem)
        -> Knobs
    {
        var walk = PolicyWalk(runtime, limits: plan.limits)
        var now = 0.0
        while now < plan.hold {
            walk.step(belief, at: now)
            now += 5
        }
        let verdict = walk.verdict(belief, at: now)
        if let fault = verdict.fault {
            throw PolicyProblem(
                code: "evaluate_\(fault.code.rawValue)",
                message: "\(runtime.name) on \(LuaText.belief(belief)): \(fault.message)"
            )
        }
        return plan.limits.effective(verdict)
    }

    private static func row(_ knob: KnobName, _ cells: [Cell]) -> Row {
        let tighter = cells.filter { $0.right.looser(than: $0.left).contains(knob) }
        let looser = cells.filter { $0.left.looser(than: $0.right).contains(knob) }
        let most = (tighter + looser).max { distance(knob, $0) < distance(knob, $1) }
        return Row(knob: knob, tighter: tighter.count, looser: looser.count, most: most)
    }

    private static func distance(_ knob: KnobName, _ cell: Cell) -> Double {
        let (left, right) = (cell.left, cell.right)
        switch knob {
        case .mode: return Double(abs(left.mode.severity - right.mode.severity))
        case .allowEntries, .killSwitchTrip, .symbols: return 1
        case .maxNotional: return abs(left.maxNotional - right.maxNotional)
        case .maxLeverage: return Double(abs(left.maxLeverage - right.maxLeverage))
        case .minEntryConfidence: return abs(left.minEntryConfidence - right.minEntryConfidence)
        case .entryCooldown: return abs(left.entryCooldownSeconds - right.entryCooldownSeconds)
        case .maxOpenOrders: return Double(abs(left.maxOpenOrdersPerSymbol - right.maxOpenOrdersPerSymbol))
        }
    }
}
