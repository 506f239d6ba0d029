module example.com/leaks

go 1.26.0

require simrun v0.0.0
