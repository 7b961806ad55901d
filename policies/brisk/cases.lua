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
    name = "zero debt reopens in two steps, at half size",
    ticks = {
      { now = 0, belief = debt(1, 12, 12), knobs = { mode = "ORANGE", allow_entries = false } },
      { now = 5, belief = debt(6, 12, 12), knobs = { mode = "RED", kill_switch_trip = true } },
      { now = 10, belief = {}, knobs = { mode = "RED" } },
      { now = 18, belief = {}, knobs = { mode = "ORANGE", allow_entries = false } },
      {
        now = 26,
        belief = {},
        knobs = { mode = "YELLOW", allow_entries = true, max_notional_usdt = 300 },
      },
      { now = 34, belief = {}, knobs = { mode = "GREEN", recovery_stage = "REOPENING" } },
      {
        now = 90,
        belief = {},
        knobs = { mode = "GREEN", max_notional_usdt = 1000, recovery_stage = "GREEN" },
      },
    },
  },
}
