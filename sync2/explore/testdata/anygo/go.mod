module example.com/anygo

go 1.26
