-- A ladder of levels 0..top with a timer per step.
--
-- Up: a level is reached when it has been wanted for its time, or at once when a higher one is wanted. A
-- wish that lapses resets its timer, so only what lasts counts. Down: one level at a time, after the calm
-- has lasted; any disturbance starts it anew. For a fixed ladder and time a higher wish or less calm never
-- gives a lower level.
local hysteresis = {}

function hysteresis.start(top)
  local since = {}
  for level = 1, top do since[level] = -1 end
  return { level = 0, top = top, since = since, calm_since = -1 }
end

local function rise(ladder, wanted, now, persist)
  local reached = ladder.level
  for level = 1, ladder.top do
    if wanted < level then
      ladder.since[level] = -1
    else
      if ladder.since[level] < 0 then ladder.since[level] = now end
      local lasted = now - ladder.since[level] >= persist[level]
      if level > reached and (lasted or wanted > level) then reached = level end
    end
  end
  return reached
end

-- Moves the ladder; gives the seconds until the next step down if nothing disturbs, or nil. `wanted` level
-- now, `calm` whether the present level may be left downwards, `persist[level]` seconds, `recover` seconds.
function hysteresis.move(ladder, wanted, calm, now, persist, recover)
  local reached = rise(ladder, wanted, now, persist)
  if reached > ladder.level then
    ladder.level = reached
    ladder.calm_since = -1
    return nil
  end
  if ladder.level == 0 or not calm then
    ladder.calm_since = -1
    return nil
  end
  if ladder.calm_since < 0 then ladder.calm_since = now end
  local left = recover - (now - ladder.calm_since)
  if left > 0 then return left end
  ladder.level = ladder.level - 1
  ladder.calm_since = now
  return nil
end

return hysteresis
