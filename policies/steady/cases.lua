-- Examples of what the policy must answer. Each tick gives the time, what differs from a neutral belief, and
-- knobs that must come out.
local function debt(seconds, symbols, streak)
  return { debt_sec = seconds, debt_symbols = symbols, mismatch_streak = streak }
end

return {
  {
    name = "nothing wrong is GREEN at the operator's limits",
    ticks = {
      {
        now = 0,
        belief = {},
        knobs = { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 20 },
      },
    },
  },
  {
    name = "one fresh mismatch costs size and closes nothing else",
    ticks = {
      { now = 0, belief = {}, knobs = { mode = "GREEN" } },
      {
        now = 5,
        belief = debt(0, 1, 1),
        knobs = { mode = "GREEN", allow_entries = true, max_notional_usdt = 890 },
      },
    },
  },
  {
    name = "broad debt closes within two ticks",
    ticks = {
      { now = 0, belief = {}, knobs = { mode = "GREEN" } },
      { now = 5, belief = debt(1, 6, 6), knobs = { mode = "YELLOW" } },
      { now = 10, belief = debt(6, 6, 12), knobs = { mode = "ORANGE", allow_entries = false } },
    },
  },
  {
    name = "RED is left after five minutes of calm, and the next levels after a minute and a half each",
    ticks = {
      { now = 0, belief = debt(1, 12, 12), knobs = { mode = "ORANGE", allow_entries = false } },
      { now = 5, belief = debt(6, 12, 12), knobs = { mode = "RED", kill_switch_trip = true } },
      { now = 10, belief = {}, knobs = { mode = "RED", next_unlock_sec = 300 } },
      { now = 310, belief = {}, knobs = { mode = "ORANGE", allow_entries = false } },
      {
        now = 400,
        belief = {},
        knobs = {
          mode = "YELLOW",
          allow_entries = true,
          max_notional_usdt = 300,
          recovery_stage = "REOPENING",
        },
      },
      { now = 490, belief = {}, knobs = { mode = "GREEN", max_notional_usdt = 1000 } },
    },
  },
  {
    name = "a symbol in debt is closed at once, and two minutes and a half beyond",
    ticks = {
      {
        now = 0,
        belief = { symbols = { { symbol = "BTCUSDT", debt_sec = 1, mismatches = 1 } } },
        knobs = { allow_entries = true, symbols = { BTCUSDT = { allow_entries = false } } },
      },
      { now = 149, belief = {}, knobs = { symbols = { BTCUSDT = { allow_entries = false } } } },
      { now = 150, belief = {}, knobs = { symbols = {} } },
    },
  },
  {
    name = "a process that dies again and again closes entries",
    ticks = {
      { now = 0, belief = {}, knobs = { allow_entries = true } },
      { now = 15, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 30, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 45, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 60, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 75, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 90, restart = true, belief = {}, knobs = { allow_entries = true } },
      { now = 105, restart = true, belief = {}, knobs = { mode = "ORANGE", allow_entries = false } },
    },
  },
}
