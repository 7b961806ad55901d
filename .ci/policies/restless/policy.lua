-- For the fixed seeds only: says every knob in every size, for the account and for single symbols, whatever
-- the belief is. Nobody should trade with it; it is there so that each knob is met at work.

local BOOKS = {
  "BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "BNBUSDT",
  "BTCUSDT/LONG", "BTCUSDT/SHORT", "ETHUSDT/LONG", "ETHUSDT/SHORT",
}

-- Park and Miller's generator: the state alone decides, so that a seed stays a seed.
local function roll(s, sides)
  s.seed = s.seed * 48271 % 2147483647
  return s.seed % sides
end

local function own_knobs(s, limits)
  local own = {}
  if roll(s, 3) == 0 then own.max_notional_usdt = limits.max_notional_usdt * roll(s, 30) / 10 end
  if roll(s, 4) == 0 then own.max_leverage = 1 + roll(s, limits.max_leverage) end
  if roll(s, 4) == 0 then own.min_entry_conf = roll(s, 11) / 10 end
  if roll(s, 4) == 0 then own.entry_cooldown_seconds = roll(s, 40) end
  if roll(s, 12) == 0 then own.allow_entries = false end
  return own
end

local function renew(s, context)
  local limits = context.limits
  local symbols = {}
  for _, book in ipairs(BOOKS) do
    if roll(s, 2) == 0 then symbols[book] = own_knobs(s, limits) end
  end
  local worse = roll(s, 16)
  s.knobs = {
    mode = worse == 0 and "RED" or worse == 1 and "ORANGE" or worse < 6 and "YELLOW" or "GREEN",
    allow_entries = worse > 1,
    kill_switch_trip = worse == 0,
    max_notional_usdt = limits.max_notional_usdt * (4 + roll(s, 9)) / 10,
    max_leverage = 1 + roll(s, limits.max_leverage),
    min_entry_conf = roll(s, 5) == 0 and 0.95 or roll(s, 9) / 10,
    entry_cooldown_seconds = limits.entry_cooldown_seconds + roll(s, 12),
    max_open_orders_per_symbol = 1 + roll(s, limits.max_open_orders_per_symbol),
    symbols = symbols,
  }
  s.until_at = context.now + 5 + roll(s, 40)
end

local function initial_state()
  return { seed = 20241, until_at = -1, knobs = {} }
end

local function evaluate(_, s, context)
  if context.now >= s.until_at then renew(s, context) end
  return s.knobs, s
end

return { api = 1, name = "restless", version = "1", initial_state = initial_state, evaluate = evaluate }
