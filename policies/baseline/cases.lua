-- Examples of what the policy must answer. Each tick gives the time, what differs from a neutral belief, and
-- knobs that must come out.
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
    name = "one fresh mismatch slams shut",
    ticks = {
      { now = 0, belief = {}, knobs = { mode = "GREEN" } },
      {
        now = 5,
        belief = { debt_sec = 5, debt_symbols = 1, mismatch_streak = 1 },
        knobs = { mode = "RED", allow_entries = false, max_notional_usdt = 0, kill_switch_trip = true },
      },
    },
  },
  {
    name = "RED leaves one mode at a time, into a warm-up",
    ticks = {
      {
        now = 0,
        belief = { debt_sec = 700 },
        knobs = { mode = "RED", recovery_stage = "RED_LOCK" },
      },
      { now = 5, belief = {}, knobs = { mode = "RED" } },
      { now = 94, belief = {}, knobs = { mode = "RED" } },
      { now = 95, belief = {}, knobs = { mode = "ORANGE", recovery_stage = "POST_RED_WARMUP" } },
      { now = 100, belief = {}, knobs = { mode = "ORANGE" } },
      {
        now = 190,
        belief = {},
        knobs = { mode = "YELLOW", allow_entries = true, max_notional_usdt = 480 },
      },
    },
  },
}
