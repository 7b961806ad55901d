-- Examples of what the policy must answer. Each tick gives the time, what differs from a neutral belief, and
-- knobs that must come out.
local function debt(seconds, symbols, streak)
  return { debt_sec = seconds, debt_symbols = symbols, mismatch_streak = streak }
end

local function crowd(first)
  local rows = {}
  for number = first, first + 31 do
    rows[number - first + 1] = { symbol = string.format("S%02dUSDT", number), mismatches = 1 }
  end
  return { symbols = rows }
end

return {
  {
    name = "a start is small and grows over a quarter of an hour",
    ticks = {
      {
        now = 0,
        belief = {},
        knobs = {
          mode = "GREEN", allow_entries = true, max_notional_usdt = 100, max_leverage = 5,
          max_open_orders_per_symbol = 2, recovery_stage = "STARTING", symbols = {},
        },
      },
      { now = 450, belief = {}, knobs = { max_notional_usdt = 300 } },
      { now = 900, belief = {}, knobs = { max_notional_usdt = 500, recovery_stage = "GREEN" } },
    },
  },
  {
    name = "even at its best it asks for more confidence and patience than the operator",
    ticks = {
      { now = 0, belief = {}, knobs = { min_entry_conf = 0.35, entry_cooldown_seconds = 23 } },
    },
  },
  {
    name = "two symbols in debt are a warning, three close everything at once",
    ticks = {
      { now = 0, belief = debt(0, 2, 2), knobs = { mode = "GREEN", allow_entries = true } },
      { now = 5, belief = debt(5, 2, 4), knobs = { mode = "YELLOW", allow_entries = true } },
      {
        now = 10,
        belief = debt(0, 3, 3),
        knobs = {
          mode = "ORANGE",
          allow_entries = false,
          max_notional_usdt = 0,
          recovery_stage = "ORANGE_HOLD",
        },
      },
    },
  },
  {
    name = "a quick rise of the score closes before the score alone would",
    ticks = {
      { now = 0, belief = {} },
      { now = 5, belief = debt(0, 2, 5), knobs = { mode = "ORANGE", allow_entries = false } },
    },
  },
  {
    name = "one order of unknown outcome closes entries when it is half a minute old",
    ticks = {
      {
        now = 0,
        belief = { unknown_intents = { count = 1, oldest_sec = 29 } },
        knobs = { allow_entries = true },
      },
      {
        now = 5,
        belief = { unknown_intents = { count = 1, oldest_sec = 34 } },
        knobs = { allow_entries = false },
      },
    },
  },
  {
    name = "a position without a stop closes entries after ten seconds",
    ticks = {
      { now = 0, belief = { naked = { symbols = 1, sec = 5 } }, knobs = { allow_entries = true } },
      {
        now = 5,
        belief = { naked = { symbols = 1, sec = 10 } },
        knobs = { allow_entries = false },
        enforced = { mode = { at_least = "ORANGE" }, max_notional_usdt = 0 },
      },
    },
  },
  {
    name = "RED trips the kill switch, and the way back takes ten minutes, then two a level",
    ticks = {
      { now = 0, belief = debt(1, 12, 12), knobs = { mode = "ORANGE" } },
      { now = 5, belief = debt(6, 12, 12), knobs = { mode = "RED", kill_switch_trip = true } },
      { now = 10, belief = {}, knobs = { mode = "RED", next_unlock_sec = 600 } },
      { now = 610, belief = {}, knobs = { mode = "ORANGE", kill_switch_trip = false } },
      {
        now = 730,
        belief = {},
        knobs = {
          mode = "YELLOW",
          allow_entries = true,
          recovery_stage = "REOPENING",
          max_notional_usdt = 62.5,
        },
      },
      {
        now = 850,
        belief = {},
        knobs = { mode = "GREEN", max_notional_usdt = { at_least = 260, at_most = 290 } },
      },
    },
  },
  {
    name = "a symbol stays closed three minutes beyond its debt",
    ticks = {
      {
        now = 0,
        belief = { symbols = { { symbol = "BTCUSDT", debt_sec = 1, mismatches = 1 } } },
        knobs = { symbols = { BTCUSDT = { allow_entries = false, max_notional_usdt = 0 } } },
      },
      { now = 179, belief = {}, knobs = { symbols = { BTCUSDT = { allow_entries = false } } } },
      { now = 180, belief = {}, knobs = { symbols = {} } },
    },
  },
  {
    name = "more symbols than can be held close everything",
    ticks = {
      { now = 0, belief = crowd(0), knobs = { allow_entries = true } },
      { now = 1, belief = crowd(32), knobs = { allow_entries = true } },
      { now = 2, belief = crowd(64), knobs = { allow_entries = true } },
      { now = 3, belief = crowd(96), knobs = { mode = "ORANGE", allow_entries = false } },
    },
  },
  {
    name = "what is no calm for YELLOW takes no level off the ladder",
    ticks = {
      { now = 0, belief = { evidence = { confidence = 0 }, mismatch_streak = 15 } },
      { now = 5, belief = { evidence = { confidence = 0 }, mismatch_streak = 15 } },
      { now = 10, belief = {} },
      { now = 40, belief = {} },
      { now = 70, belief = { evidence = { confidence = 0.56 } } },
      { now = 100, belief = {}, knobs = { mode = { at_least = "YELLOW" } } },
    },
  },
  {
    name = "worse belief never buys size",
    ticks = { { now = 0, belief = debt(0, 1, 1) } },
    pair = { now = 5, better = debt(5, 1, 2), worse = debt(5, 1, 3) },
  },
  {
    name = "a process that dies again and again closes entries",
    ticks = {
      { now = 0, belief = {}, knobs = { allow_entries = true } },
      { now = 15, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 30, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 45, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 60, restart = true, belief = {}, knobs = { mode = "ORANGE", allow_entries = false } },
    },
  },
}
