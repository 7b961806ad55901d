-- The default: doubt is priced at once and closes its own symbol; only doubt that lasts or spreads closes
-- the door for all, and calm has to last before it opens again.

local doubt = require("doubt")
local holds = require("holds")
local hysteresis = require("hysteresis")
local ramp = require("ramp")
local restarts = require("restarts")
local window = require("window")

local MODES = { [0] = "GREEN", "YELLOW", "ORANGE", "RED" }
local STAGES = { [0] = "GREEN", "YELLOW_WATCH", "ORANGE_HOLD", "RED_LOCK" }
local ORANGE, RED = 2, 3

local function thresholds_of(p)
  return { p.yellow_score, p.orange_score, p.red_score }
end

-- Growth may close entries early; RED, which halts, is left to the score.
local function wanted_level(score, growth, closes, p)
  local wanted = 0
  for level, threshold in ipairs(thresholds_of(p)) do
    if score >= threshold then wanted = level end
  end
  local bursts = score >= p.yellow_score and growth >= p.growth_per_min
  if closes or bursts then wanted = math.max(wanted, ORANGE) end
  return wanted
end

local function risk_of(score, level, p)
  local caps = { [0] = 1, p.yellow_risk, p.orange_risk, 0 }
  return math.min(ramp.clamp(1 - p.risk_slope * score, 0, 1), caps[level])
end

local function stage_of(s, now, p)
  local reopening = s.opened_at >= 0 and now - s.opened_at < p.reopen_sec
  if s.ladder.level < ORANGE and reopening then return "REOPENING" end
  return STAGES[s.ladder.level]
end

local function knobs_of(s, score, context)
  local p, limits, now = context.params, context.limits, context.now
  local level = s.ladder.level
  local risk = risk_of(score, level, p)
  local allowed = level < ORANGE
  local size = s.opened_at < 0 and 1 or ramp.linear(now - s.opened_at, p.reopen_sec, p.reopen_floor, 1)
  return {
    mode = MODES[level],
    allow_entries = allowed,
    kill_switch_trip = level == RED,
    max_notional_usdt = allowed and limits.max_notional_usdt * risk * size or 0,
    max_leverage = ramp.share(limits.max_leverage, math.max(risk, 0.25)),
    max_open_orders_per_symbol = ramp.share(limits.max_open_orders_per_symbol, math.max(risk, 0.5)),
    min_entry_conf = math.min(1, limits.min_entry_conf + (1 - risk) * p.conf_spread),
    entry_cooldown_seconds = limits.entry_cooldown_seconds + (1 - risk) * p.cooldown_extra_sec,
    symbols = holds.knobs(s.holds),
    recovery_stage = stage_of(s, now, p),
  }
end

local function initial_state()
  return {
    ladder = hysteresis.start(RED),
    samples = {},
    holds = {},
    restarts = restarts.none(),
    opened_at = -1,
  }
end

local function evaluate(belief, s, context)
  local p, now = context.params, context.now
  local score, cause = doubt.score(doubt.terms(belief, p))
  local growth = window.growth_per_min(s.samples, score, now, p.growth_window_sec)
  s.samples = window.push(s.samples, score, now, p.growth_window_sec)
  local crowded
  s.holds, crowded = holds.update(s.holds, belief, now, p.symbol_hold_sec)

  local before = s.ladder.level
  local restarted
  s.restarts, restarted = restarts.update(s.restarts, context, p.restart_forget_sec)
  -- A process that dies again and again leaves bare, as long as it is away, what it has just filled.
  local closes = crowded or restarted and s.restarts.count >= p.restarts_borne
  local wanted = wanted_level(score, growth, closes, p)
  local leave = (thresholds_of(p)[before] or 0) * p.down_hysteresis
  local calm = wanted < before and score <= leave
  local recover = doubt.is_clean(belief) and p.recover_clean_sec or p.recover_sec
  if before == RED then recover = math.max(recover, p.recover_red_sec) end
  local persist = { p.yellow_persist_sec, closes and 0 or p.orange_persist_sec, p.red_persist_sec }
  local unlock = hysteresis.move(s.ladder, wanted, calm, now, persist, recover)
  if before >= ORANGE and s.ladder.level < ORANGE then s.opened_at = now end

  local knobs = knobs_of(s, score, context)
  knobs.debt_score = score
  knobs.debt_growth_per_min = growth
  knobs.next_unlock_sec = unlock
  if score > 0 then knobs.reason = string.format("%s leads a score of %.2f", cause, score) end
  return knobs, s
end

-- Version 1 did not count restarts.
local function migrate(s)
  s.restarts = restarts.none()
  return s
end

local function param(default, min, max, unit, doc)
  return { default = default, min = min, max = max, unit = unit, doc = doc }
end

return {
  api = 1,
  name = "steady",
  version = "2",
  state_version = 2,
  params = {
    debt_ref_sec = param(120, 1, 86400, "s", "debt age that counts as one point of score"),
    symbol_weight = param(0.2, 0, 10, "score", "score per symbol in debt"),
    streak_weight = param(0.02, 0, 10, "score", "score per step of the mismatch streak"),
    unknown_weight = param(0.1, 0, 10, "score", "score per intent of unknown outcome"),
    unknown_ref_sec = param(300, 1, 86400, "s", "age of the oldest unknown intent that counts as one point"),
    naked_weight = param(0.1, 0, 10, "score", "score per position without full stop cover"),
    naked_ref_sec = param(60, 1, 86400, "s", "age of the oldest uncovered position that counts as one point"),
    evidence_good = param(0.8, 0, 1, "1", "evidence confidence from which nothing is added"),
    evidence_weight = param(1.5, 0, 10, "score", "score per unit of evidence confidence below that"),
    degraded_weight = param(0.1, 0, 10, "score", "score per degraded source"),
    contradiction_weight = param(0.3, 0, 10, "score", "score per unit of contradiction"),
    yellow_score = param(0.5, 0.01, 100, "score", "from here on YELLOW is wanted"),
    orange_score = param(1, 0.01, 100, "score", "from here on ORANGE is wanted: no entries"),
    red_score = param(2, 0.01, 100, "score", "from here on RED is wanted: no entries, kill switch"),
    growth_window_sec = param(60, 5, 3600, "s", "window over which growth is read"),
    growth_per_min = param(0.85, 0.01, 1000, "score/min", "growth from which ORANGE is wanted, if YELLOW is"),
    yellow_persist_sec = param(10, 0, 600, "s", "how long YELLOW must be wanted"),
    orange_persist_sec = param(5, 0, 600, "s", "how long ORANGE must be wanted; at once if RED is"),
    red_persist_sec = param(5, 0, 600, "s", "how long RED must be wanted"),
    down_hysteresis = param(0.7, 0, 1, "1", "part of a level's score under which its way down opens"),
    recover_sec = param(90, 0, 3600, "s", "calm needed per level down while some debt is left"),
    recover_clean_sec = param(90, 0, 3600, "s", "calm needed per level down once debt is zero"),
    recover_red_sec = param(300, 0, 3600, "s", "calm needed to leave RED"),
    restarts_borne = param(5, 1, 12, "1", "restarts, not yet forgotten, from which one closes entries"),
    restart_forget_sec = param(60, 1, 86400, "s", "time in which one restart is forgotten"),
    risk_slope = param(0.5, 0, 10, "1/score", "loss of risk per point of score"),
    yellow_risk = param(0.6, 0, 1, "1", "most risk in YELLOW"),
    orange_risk = param(0.3, 0, 1, "1", "most risk in ORANGE; entries are closed, other knobs show it"),
    reopen_sec = param(60, 0, 3600, "s", "time over which size comes back after entries were closed"),
    reopen_floor = param(0.5, 0, 1, "1", "size at the moment of reopening"),
    conf_spread = param(0.25, 0, 1, "1", "confidence added at no risk"),
    cooldown_extra_sec = param(30, 0, 3600, "s", "cooldown added at no risk"),
    symbol_hold_sec = param(150, 0, 600, "s", "how long a symbol stays closed after its own debt is gone"),
  },
  initial_state = initial_state,
  migrate = migrate,
  evaluate = evaluate,
}
