-- expect: load chunk_instructions
::a:: goto a
