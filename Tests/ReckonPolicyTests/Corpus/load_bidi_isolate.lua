-- expect: load bidi_control
local s = "⁦"
return {}
