-- expect: load byte_order_mark
local s = "﻿"
return {}
