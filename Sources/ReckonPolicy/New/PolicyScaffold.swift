/// A small policy to begin with: it passes check, test and search as it stands.
package enum PolicyScaffold {
    /// Names and texts of its files.
    ///
    /// - Throws: a problem where the name is none that a policy may have.
    package static func files(name: String) throws(PolicyProblem) -> [(name: String, text: String)] {
        let isName =
            !name.isEmpty && name.utf8.count <= 64
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        guard isName else {
            throw PolicyProblem(
                code: "policy_name",
                message: "`\(name)` is no policy name: 1 to 64 letters, digits, `_`, `-`"
            )
        }
        return [
            ("policy.lua", policy.replacing("NAME", with: name)), ("cases.lua", cases),
            ("README.md", readme.replacing("NAME", with: name)),
        ]
    }

    private static let policy = #"""
        -- Closes entries while debt lasts, and gives size back over a while once it is gone.

        local function clamp(value, least, most)
          return math.max(least, math.min(most, value))
        end

        -- Each term grows with what it measures and with nothing else: worse belief never lowers the score.
        local function score_of(belief, p)
          return belief.debt_sec / p.debt_ref_sec + belief.debt_symbols * p.symbol_weight
            + belief.unknown_intents.count * p.unknown_weight + (1 - belief.evidence.confidence) * p.evidence_weight
        end

        local function mode_of(score, p)
          if score >= p.red_score then return "RED" end
          if score >= p.close_score then return "ORANGE" end
          if score >= p.close_score / 2 then return "YELLOW" end
          return "GREEN"
        end

        local function initial_state()
          return { closed_at = -1 }
        end

        local function evaluate(belief, state, context)
          local p, limits, now = context.params, context.limits, context.now
          local score = score_of(belief, p)
          local mode = mode_of(score, p)
          local allowed = score < p.close_score
          if not allowed then state.closed_at = now end
          local reopened = 1
          if state.closed_at >= 0 then reopened = clamp((now - state.closed_at) / p.reopen_sec, 0.25, 1) end
          local risk = clamp(1 - score / p.close_score, 0, 1)
          log(string.format("score %.3f, risk %.2f", score, risk))
          return {
            mode = mode,
            allow_entries = allowed,
            kill_switch_trip = mode == "RED",
            max_notional_usdt = allowed and limits.max_notional_usdt * risk * reopened or 0,
            max_leverage = math.max(1, math.floor(limits.max_leverage * math.max(risk, 0.25))),
            min_entry_conf = math.min(1, limits.min_entry_conf + (1 - risk) * 0.25),
            entry_cooldown_seconds = limits.entry_cooldown_seconds + (1 - risk) * p.cooldown_extra_sec,
            max_open_orders_per_symbol = limits.max_open_orders_per_symbol,
            debt_score = score,
            recovery_stage = reopened < 1 and "REOPENING" or mode,
          }, state
        end

        return {
          api = 1,
          name = "NAME",
          version = "1",
          state_version = 1,
          params = {
            debt_ref_sec = { default = 120, min = 1, max = 86400, unit = "s", doc = "debt age worth one point" },
            symbol_weight = { default = 0.2, min = 0, max = 10, unit = "score", doc = "per symbol in debt" },
            unknown_weight = { default = 0.2, min = 0, max = 10, unit = "score", doc = "per unknown order" },
            evidence_weight = { default = 1, min = 0, max = 10, unit = "score", doc = "without any evidence" },
            close_score = { default = 1, min = 0.01, max = 100, unit = "score", doc = "from here on no entries" },
            red_score = { default = 2, min = 0.01, max = 100, unit = "score", doc = "from here on RED" },
            reopen_sec = { default = 60, min = 1, max = 3600, unit = "s", doc = "until size is back in full" },
            cooldown_extra_sec = { default = 30, min = 0, max = 3600, unit = "s", doc = "cooldown at no risk" },
          },
          initial_state = initial_state,
          evaluate = evaluate,
        }

        """#

    private static let cases = #"""
        -- Examples of what the policy must answer: beliefs as they differ from neutral, and knobs that must come out.
        -- What is not named may be anything; { at_least = …, at_most = … } is a range.
        return {
          {
            name = "nothing wrong is GREEN at the operator's limits",
            ticks = { { now = 0, belief = {}, knobs = { mode = "GREEN", max_notional_usdt = 1000 } } },
          },
          {
            name = "debt closes at once, and size comes back over a minute",
            ticks = {
              {
                now = 0,
                belief = { debt_sec = 60, debt_symbols = 3 },
                knobs = { mode = "ORANGE", allow_entries = false, max_notional_usdt = 0 },
              },
              { now = 30, belief = {}, knobs = { max_notional_usdt = 500, recovery_stage = "REOPENING" } },
              { now = 60, belief = {}, knobs = { max_notional_usdt = 1000 } },
            },
          },
          {
            name = "hopeless belief halts",
            ticks = {
              {
                now = 0,
                belief = { debt_sec = 600 },
                knobs = { mode = "RED", kill_switch_trip = true },
                enforced = { allow_entries = false, max_notional_usdt = 0 },
              },
            },
          },
          {
            name = "a tiny doubt is only a warning",
            ticks = { { now = 0, belief = { unknown_intents = { count = 3 } }, knobs = { mode = "YELLOW" } } },
          },
          {
            name = "worse belief never buys size",
            ticks = { { now = 0, belief = {} } },
            pair = { now = 5, better = { debt_symbols = 1 }, worse = { debt_symbols = 2 } },
          },
        }

        """#

    private static let readme = #"""
        # NAME

        Closes entries while debt lasts, and gives size back over a while once it is gone.

        | Parameter | Default | Unit | Meaning |
        |---|---|---|---|
        | `debt_ref_sec` | 120 | s | debt age worth one point of score |
        | `symbol_weight` | 0.2 | score | per symbol in debt |
        | `unknown_weight` | 0.2 | score | per unknown order |
        | `evidence_weight` | 1 | score | without any evidence |
        | `close_score` | 1 | score | from here on no entries; YELLOW from half of it |
        | `red_score` | 2 | score | from here on RED |
        | `reopen_sec` | 60 | s | until size is back in full |
        | `cooldown_extra_sec` | 30 | s | cooldown at no risk |

        ## Known weaknesses

        - A score that hovers at `close_score` opens and closes entries by turns.
        - It closes all symbols for the debt of one.

        """#
}
