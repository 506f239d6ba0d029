module example.com/mapranges

go 1.26
