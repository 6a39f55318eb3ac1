package main

// hookRows compares this program, in which nobody watches the primitives, with one in which nobody could.
func hookRows() []row {
	watchable := []string{
		"semaphore: pair, uncontended", "mutex: pair, uncontended", "reentrant: outer pair, uncontended", "reentrant: nested pair",
		"event: IsSet", "event: Wait when set", "local: Get", "local: Set where there is a value", "barrier: party and crossing, 8 parties",
	}
	var rows []row
	for _, name := range watchable {
		rows = append(rows, row{part: "hook", what: name, procs: []int{1}, who: []contender{
			{name: "sync2", take: func(p int) sample { return inProcess(own(), name, p) }},
			{name: "built without the hook", max: 1.03, take: func(p int) sample { return inProcess(unwatched(), name, p) }},
		}})
	}
	return rows
}
