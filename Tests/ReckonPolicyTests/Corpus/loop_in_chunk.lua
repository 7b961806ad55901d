-- expect: load chunk_instructions
while true do end
return {}
