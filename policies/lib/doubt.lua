-- Prices doubt: a score out of the parts of a belief. Each term grows with what it measures and with nothing
-- else, so worse belief never lowers the score.
local doubt = {}

-- The terms as pairs of name and score. `p` holds the weights: debt_ref_sec, symbol_weight, streak_weight,
-- unknown_weight, unknown_ref_sec, naked_weight, naked_ref_sec, evidence_good, evidence_weight,
-- degraded_weight, contradiction_weight.
function doubt.terms(belief, p)
  local evidence, unknown, naked = belief.evidence, belief.unknown_intents, belief.naked
  return {
    { "debt age", belief.debt_sec / p.debt_ref_sec },
    { "debt breadth", belief.debt_symbols * p.symbol_weight },
    { "mismatch streak", belief.mismatch_streak * p.streak_weight },
    { "unknown orders", unknown.count * p.unknown_weight + unknown.oldest_sec / p.unknown_ref_sec },
    { "naked positions", naked.symbols * p.naked_weight + naked.sec / p.naked_ref_sec },
    {
      "weak evidence",
      math.max(0, p.evidence_good - evidence.confidence) * p.evidence_weight
        + evidence.degraded_sources * p.degraded_weight
        + evidence.contradiction_score * p.contradiction_weight,
    },
  }
end

-- The sum of the terms, and the name of the largest.
function doubt.score(terms)
  local score, largest = 0, terms[1]
  for _, term in ipairs(terms) do
    score = score + term[2]
    if term[2] > largest[2] then largest = term end
  end
  return score, largest[1]
end

-- Whether nothing is open that could turn into a loss unseen.
function doubt.is_clean(belief)
  return belief.debt_sec <= 0 and belief.debt_symbols <= 0 and belief.unknown_intents.count <= 0
    and belief.naked.symbols <= 0 and belief.naked.sec <= 0
end

return doubt
