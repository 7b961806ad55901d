-- expect: load syntax
return {
