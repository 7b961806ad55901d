import ReckonEngine
import ReckonModel

/// The tables about the venue and what is done there.
extension HostConfiguration {
    /// How the margin of every symbol is to stand, in the file's words.
    private enum MarginChoice: String, CaseIterable {
        case cross
        case isolated
        case asItIs = ""

        var mode: MarginMode? {
            switch self {
            case .cross: .crossed
            case .isolated: .isolated
            case .asItIs: nil
            }
        }
    }

    mutating func readVenue(_ section: inout Section) throws(Misconfiguration) {
        section.put(try section.text("url"), &venue.address)
        venue.privateStreamURL = try section.text("private_stream_url")
        venue.marketStreamURL = try section.text("market_stream_url")
        section.put(try section.span("request_timeout_ms", 100...30_000), &venue.requestTimeout)
        venue.keyFile = try section.location("api_key_file")
        venue.secretFile = try section.location("api_secret_file")
        if let choice = try section.choice("margin_mode", MarginChoice.self) {
            engine.marginMode = choice.mode
        }
        section.put(try section.choice("position_mode", PositionChoice.self), &venue.positions)
        guard venue.positions == .hedge else { return }
        engine.symbols = engine.symbols.flatMap { symbol in Leg.allCases.map { symbol.leg($0) } }
    }

    mutating func readReconcile(_ section: inout Section) throws(Misconfiguration) {
        section.put(try section.span("interval_sec", 0.2...300), &engine.reconcileEvery)
        section.put(try section.span("round_within_ms", 100...60_000), &engine.roundWithin)
        section.put(try section.span("hint_delay_ms", 0...10_000), &engine.hintDelay)
        section.put(try section.span("round_spacing_ms", 100...60_000), &engine.roundSpacing)
        section.put(try section.span("settle_ms", 0...60_000), &engine.fence.settle)
        section.put(try section.whole("misses_needed", 1...100), &engine.fence.missesNeeded)
        section.put(try section.span("miss_grace_sec", 0...600), &engine.fence.missGrace)
        section.put(
            try section.span("max_entry_evidence_age_sec", 1...3600),
            &engine.evidence.maxEntryEvidenceAge
        )
        try section.readRamp("stream", &engine.evidence.stream)
        try section.readRamp("rest", &engine.evidence.rest)
        try section.readRamp("fills", &engine.evidence.fills)
        section.put(try section.span("account_every_sec", 5...3600), &engine.rounds.accountEvery)
        section.put(try section.span("settings_every_sec", 5...3600), &engine.rounds.settingsEvery)
        section.put(try section.span("trades_every_sec", 5...3600), &engine.rounds.tradesEvery)
        try readExternal(&section)
        try readRepairs(&section)
    }

    private mutating func readRepairs(_ section: inout Section) throws(Misconfiguration) {
        section.put(try section.whole("repairs_in_series", 1...20), &engine.repairs.mostInSeries)
        try section.readBackoff("repair_cooldown", 0.1...30, &engine.repairs.cooldown)
        try section.readBackoff("repair_series_cooldown", 1...30, &engine.repairs.seriesCooldown)
    }

    private mutating func readExternal(_ section: inout Section) throws(Misconfiguration) {
        typealias Choice = ExternalRules.Choice
        section.put(try section.choice("external_positions", Choice.self), &engine.external.positions)
        section.put(try section.choice("external_orders", Choice.self), &engine.external.orders)
        section.put(try section.span("forced_cooldown_sec", 0...86_400), &engine.external.forcedCooldown)
    }

    mutating func readRouter(_ section: inout Section) throws(Misconfiguration) {
        section.put(try section.span("answer_within_ms", 100...60_000), &engine.router.answerWithin)
        section.put(try section.span("window_ms", 100...60_000), &engine.router.window)
        section.put(try section.span("transmit_within_ms", 10...10_000), &engine.router.transmitWithin)
        section.put(try section.span("settle_orders_ms", 0...60_000), &engine.router.settleOrders)
        section.put(try section.span("settle_algo_orders_ms", 0...120_000), &engine.router.settleAlgoOrders)
        section.put(try section.span("not_found_spacing_ms", 0...60_000), &engine.router.notFoundSpacing)
        section.put(try section.whole("not_founds_needed", 1...20), &engine.router.notFoundsNeeded)
        section.put(try section.whole("max_attempts", 1...50), &engine.router.maxAttempts)
        section.put(try section.span("max_elapsed_sec", 1...600), &engine.router.maxElapsed)
        section.put(try section.whole("max_generations", 1...20), &engine.router.maxGenerations)
        section.put(try section.span("resend_close_after_ms", 50...10_000), &engine.router.resendCloseAfter)
        section.put(try section.whole("max_close_generations", 1...20), &engine.router.maxCloseGenerations)
        section.put(
            try section.span("give_up_doubt_after_sec", 60...604_800),
            &engine.router.giveUpDoubtAfter
        )
        section.put(try section.whole("max_replacements", 0...1000), &engine.router.maxReplacements)
        section.put(try section.span("replace_within_sec", 1...120), &engine.router.replaceWithin)
        section.put(try section.whole("max_replace_cancels", 1...20), &engine.router.maxReplaceCancels)
        try readDeadMan(&section)
        try readPacing(&section)
    }

    private mutating func readDeadMan(_ section: inout Section) throws(Misconfiguration) {
        let allowed = "0 (off), or from 4 to 3600"
        guard let span = try section.span("dead_man_sec", 0...3600) else { return }
        guard span > .zero else {
            engine.deadMan = nil
            return
        }
        guard span >= .seconds(4) else {
            throw section.refusal("dead_man_sec", found: "\(span.seconds)", allowed: allowed)
        }
        // Several windings have to fail before a countdown ends under a living engine.
        engine.deadMan = DeadManRules(every: Span(nanoseconds: span.nanoseconds / 4), countdown: span)
    }

    private mutating func readPacing(_ section: inout Section) throws(Misconfiguration) {
        try section.readBackoff("overload_pause", 0.1...60, &engine.pacing.overload)
        section.put(try section.whole("pacing_entries_pct", 1...100), &engine.pacing.entries)
        section.put(try section.whole("pacing_rounds_pct", 1...100), &engine.pacing.rounds)
        section.put(try section.whole("pacing_questions_pct", 1...100), &engine.pacing.questions)
        section.put(try section.whole("pacing_cancels_pct", 1...100), &engine.pacing.cancels)
        section.put(try section.whole("pacing_rounds_alone_pct", 1...100), &engine.pacing.roundsAlone)
        let pacing = engine.pacing
        let lanes = [
            ("rounds", pacing.rounds, "entries", pacing.entries),
            ("questions", pacing.questions, "rounds", pacing.rounds),
            ("cancels", pacing.cancels, "questions", pacing.questions),
        ]
        for (upper, share, lower, least) in lanes where share < least {
            throw section.refusal(
                "pacing_\(upper)_pct",
                found: "\(share)",
                allowed: "not less than the \(least) of pacing_\(lower)_pct"
            )
        }
    }

    mutating func readProtection(_ section: inout Section) throws(Misconfiguration) {
        if let distance = try section.whole("default_distance_bps", 1...5000) {
            engine.protection.defaultDistance = Int64(distance)
        }
        section.put(try section.span("cover_within_sec", 0.1...60), &engine.protection.coverWithin)
        try readCoverage(&section)
        section.put(try section.span("refresh_pause_sec", 0...60), &engine.protection.refreshPause)
        section.put(
            try section.span("resend_stop_after_ms", 100...60_000),
            &engine.protection.resendStopAfter
        )
        section.put(try section.whole("most_unanswered_stops", 1...20), &engine.protection.mostUnanswered)
        section.put(
            try section.span("finish_triggered_within_sec", 0.2...60),
            &engine.protection.finishTriggeredWithin
        )
        section.put(try section.span("fresh_mark_sec", 0.5...60), &engine.protection.freshMark)
        section.put(
            try section.span("keep_after_vanish_sec", 0...3600),
            &engine.protection.keepAfterVanish
        )
        section.put(try section.span("place_taken_for_sec", 0.5...600), &engine.protection.placeTakenFor)
        section.put(try section.span("longest_bare_wait_sec", 0.5...30), &engine.protection.longestBareWait)
        section.put(try section.whole("most_conditionals", 1...1000), &engine.protection.mostConditionals)
        section.put(try section.whole("free_conditionals", 0...100), &engine.protection.freeConditionals)
    }

    /// Shares of a position, as the file has them: 1 is all of it.
    private mutating func readCoverage(_ section: inout Section) throws(Misconfiguration) {
        func share(_ figure: Double) -> Int64 { Int64((figure * 10_000).rounded()) }
        if let figure = try section.number("min_coverage", 0.5...1) {
            engine.protection.minCoverage = share(figure)
        }
        if let figure = try section.number("forced_below", 0...1) {
            engine.protection.forcedBelow = share(figure)
        }
        let (least, forced) = (engine.protection.minCoverage, engine.protection.forcedBelow)
        guard forced > least else { return }
        throw section.refusal(
            "forced_below",
            found: "\(Double(forced) / 10_000)",
            allowed: "not more than the \(Double(least) / 10_000) of min_coverage"
        )
    }
}

extension Section {
    /// A doubling wait: `<name>_sec` and `<name>_cap_sec`.
    fileprivate mutating func readBackoff(
        _ name: String,
        _ range: ClosedRange<Double>,
        _ backoff: inout Backoff
    ) throws(Misconfiguration) {
        let first = try span("\(name)_sec", range) ?? backoff.first
        let cap = try span("\(name)_cap_sec", range) ?? backoff.cap
        guard first <= cap else {
            throw refusal(
                "\(name)_cap_sec",
                found: "\(cap.seconds)",
                allowed: "not less than the \(first.seconds) of \(name)_sec"
            )
        }
        backoff = Backoff(first: first, cap: cap)
    }

    /// The two ages of one source's ramp: `<source>_warn_sec` and `<source>_critical_sec`.
    fileprivate mutating func readRamp(_ source: String, _ ramp: inout EvidenceRules.Ramp)
        throws(Misconfiguration)
    {
        put(try span("\(source)_warn_sec", 0...3600), &ramp.warn)
        put(try span("\(source)_critical_sec", 1...7200), &ramp.critical)
        guard ramp.warn < ramp.critical else {
            throw refusal(
                "\(source)_critical_sec",
                found: "\(ramp.critical.seconds)",
                allowed: "more than the \(ramp.warn.seconds) of \(source)_warn_sec"
            )
        }
    }
}
