module example.org/watched

go 1.26
