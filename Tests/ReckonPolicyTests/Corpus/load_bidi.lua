-- expect: load bidi_control
-- ‮ }
return {}
