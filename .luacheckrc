-- What the sandbox of a policy offers, and nothing else; run as `luacheck policies`.
std = "none"
max_line_length = 110
codes = true
read_globals = {
   "assert", "error", "ipairs", "log", "pairs", "require", "select", "tonumber", "tostring", "type",
   math = {
      fields = {
         "abs", "ceil", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger", "min", "mininteger", "modf",
         "pi", "sqrt", "tointeger", "type", "ult",
      },
   },
   string = { fields = { "byte", "format", "len", "lower", "sub", "upper" } },
   table = { fields = { "concat", "insert", "sort", "unpack" } },
}
exclude_files = { "Tests", ".build" }
-- Stubs for editors: they declare what is read-only above.
files["policies/types"] = { ignore = { "121", "212" } }
