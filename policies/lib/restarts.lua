-- How often the process began anew of late: each start counts one, and one is forgotten every so many
-- seconds.
local restarts = {}

-- More are not told apart, so that a bad day is over at some time.
local MOST = 12

function restarts.none()
  return { count = 0, at = 0 }
end

-- What is left of them at `now`; a fraction while one is being forgotten.
function restarts.left(kept, now, forget_sec)
  return math.max(0, kept.count - math.max(0, now - kept.at) / forget_sec)
end

-- The count of the next state, and whether this tick is the first after a start. A reload of the policy
-- counts too, as no policy can tell the two apart; the very first start of all does not.
function restarts.update(kept, context, forget_sec)
  if context.since_load_ticks > 0 or context.dt <= 0 then return kept, false end
  local now = context.now
  return { count = math.min(MOST, restarts.left(kept, now, forget_sec) + 1), at = now }, true
end

return restarts
