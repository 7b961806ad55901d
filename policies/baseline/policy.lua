-- The reference mapping: one debt score and its growth choose a mode, timers delay the moves, risk scales
-- the knobs. Kept faithful where we would do otherwise; `steady` is the policy to trade with.

local LEVELS = { GREEN = 0, YELLOW = 1, ORANGE = 2, RED = 3 }
local NAMES = { [0] = "GREEN", "YELLOW", "ORANGE", "RED" }
local RISK_CAPS = { GREEN = 1, YELLOW = 0.8, ORANGE = 0.45, RED = 0 }
local STAGES = { GREEN = "GREEN", YELLOW = "YELLOW_WATCH", ORANGE = "ORANGE_RECOVERY", RED = "RED_LOCK" }

local function clamp(value, least, most)
  return math.max(least, math.min(most, value))
end

local function trunc(value)
  return value < 0 and math.ceil(value) or math.floor(value)
end

local function score_of(belief, p)
  return belief.debt_sec / p.debt_ref_sec + belief.debt_symbols * p.symbol_weight
    + belief.mismatch_streak * p.streak_weight
end

local function target_of(score, growth, p)
  if score >= p.red_score or growth >= p.red_growth_per_min then return "RED" end
  if score >= p.orange_score or growth >= p.orange_growth_per_min then return "ORANGE" end
  if score >= p.yellow_score or growth >= p.yellow_growth_per_min then return "YELLOW" end
  return "GREEN"
end

local function threshold_of(mode, p)
  if mode == "RED" then return p.red_score end
  if mode == "ORANGE" then return p.orange_score end
  return p.yellow_score
end

-- An up-timer is not cleared when the target falls back: so does the reference.
local function move_up(s, target, now, p)
  local since = s.up[target] or now
  s.up[target] = since
  if target == "RED" or now - since >= p.mode_persist_sec then
    s.mode = target
    s.up = {}
    s.down = {}
  end
end

local function move_down(s, score, now, p)
  if score > threshold_of(s.mode, p) * p.down_hysteresis then
    s.down = {}
    return
  end
  local lower = NAMES[LEVELS[s.mode] - 1]
  local since = s.down[lower] or now
  s.down[lower] = since
  if now - since >= p.mode_recover_sec then
    if s.mode == "RED" then s.warmup_until = now + p.post_red_warmup_sec end
    s.mode = lower
    s.down = {}
  end
end

local function in_warmup(s, now)
  return s.warmup_until ~= nil and now < s.warmup_until
end

local function knobs_of(s, score, growth, context)
  local p, limits = context.params, context.limits
  local slope = clamp(p.risk_slope, 0.05, 1.5)
  local risk = math.min(clamp(1 - slope * score, 0, 1), RISK_CAPS[s.mode])
  local allowed = s.mode == "GREEN" or s.mode == "YELLOW"
  local knobs = {
    mode = s.mode,
    allow_entries = allowed,
    max_notional_usdt = allowed and limits.max_notional_usdt * risk or 0,
    max_leverage = math.max(1, trunc(limits.max_leverage * math.max(risk, 0.1))),
    min_entry_conf = clamp(limits.min_entry_conf + (1 - risk) * p.min_conf_spread, 0, 1),
    entry_cooldown_seconds = limits.entry_cooldown_seconds + (1 - risk) * p.max_cooldown_extra_sec,
    max_open_orders_per_symbol = math.max(1, trunc(limits.max_open_orders_per_symbol * math.max(risk, 0.5))),
    kill_switch_trip = s.mode == "RED",
    debt_score = score,
    debt_growth_per_min = growth,
    recovery_stage = STAGES[s.mode],
  }
  if in_warmup(s, context.now) then
    knobs.max_notional_usdt = knobs.max_notional_usdt * p.post_red_notional_scale
    knobs.max_leverage = math.max(1, trunc(knobs.max_leverage * p.post_red_leverage_scale))
    knobs.min_entry_conf = clamp(knobs.min_entry_conf + p.post_red_min_conf_extra, 0, 1)
    knobs.entry_cooldown_seconds = knobs.entry_cooldown_seconds + p.post_red_cooldown_extra_sec
    knobs.recovery_stage = "POST_RED_WARMUP"
  end
  return knobs
end

local function initial_state()
  return { mode = "GREEN", up = {}, down = {} }
end

local function evaluate(belief, s, context)
  local p, now = context.params, context.now
  local score = score_of(belief, p)
  local growth = 0
  if s.score ~= nil then
    growth = math.max(0, (score - s.score) / math.max(1e-6, now - s.at) * 60)
  end
  s.score, s.at = score, now
  local target = target_of(score, growth, p)
  if LEVELS[target] > LEVELS[s.mode] then
    move_up(s, target, now, p)
  elseif LEVELS[target] < LEVELS[s.mode] then
    move_down(s, score, now, p)
  end
  return knobs_of(s, score, growth, context), s
end

local function param(default, min, max, unit, doc)
  return { default = default, min = min, max = max, unit = unit, doc = doc }
end

return {
  api = 1,
  name = "baseline",
  version = "1",
  params = {
    debt_ref_sec = param(300, 1, 86400, "s", "debt age that counts as one point of score"),
    symbol_weight = param(0.2, 0, 100, "score", "score per symbol in debt"),
    streak_weight = param(0.03, 0, 100, "score", "score per step of the mismatch streak"),
    yellow_score = param(0.8, 0, 1e9, "score", "from here on YELLOW"),
    orange_score = param(1.35, 0, 1e9, "score", "from here on ORANGE"),
    red_score = param(2.1, 0, 1e9, "score", "from here on RED"),
    yellow_growth_per_min = param(0.25, 0, 1e12, "score/min", "growth from which YELLOW"),
    orange_growth_per_min = param(0.5, 0, 1e12, "score/min", "growth from which ORANGE"),
    red_growth_per_min = param(1, 0, 1e12, "score/min", "growth from which RED"),
    mode_persist_sec = param(20, 0, 86400, "s", "how long a worse target must have been wanted, RED aside"),
    mode_recover_sec = param(90, 0, 86400, "s", "how long a lower score must have held for one mode down"),
    down_hysteresis = param(0.75, 0, 1, "1", "part of a mode's threshold under which its way down opens"),
    risk_slope = param(0.35, 0, 100, "1/score", "loss of risk per point of score; held in 0.05 to 1.5"),
    min_conf_spread = param(0.35, 0, 1, "1", "confidence added at no risk"),
    max_cooldown_extra_sec = param(40, 0, 86400, "s", "cooldown added at no risk"),
    post_red_warmup_sec = param(180, 0, 86400, "s", "length of the warm-up after RED"),
    post_red_notional_scale = param(0.6, 0, 1, "1", "notional in the warm-up"),
    post_red_leverage_scale = param(0.7, 0, 1, "1", "leverage in the warm-up"),
    post_red_min_conf_extra = param(0.06, 0, 1, "1", "confidence added in the warm-up"),
    post_red_cooldown_extra_sec = param(20, 0, 86400, "s", "cooldown added in the warm-up"),
  },
  initial_state = initial_state,
  evaluate = evaluate,
}
