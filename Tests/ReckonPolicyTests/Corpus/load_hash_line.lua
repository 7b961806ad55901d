-- expect: load syntax
#!/usr/bin/lua
return {}
