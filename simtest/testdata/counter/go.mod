module example.com/counter

go 1.26.0

require simrun v0.0.0
