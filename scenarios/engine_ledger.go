package scenarios

var _ = register(&Scenario{
	Name:     "engine-ledger",
	Title:    "Pending, in work, completed: a dryer is killed, and its dish is given out again",
	Category: CategoryHosts,
	Programs: []int{118},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "An item of a queue across hosts is in work until its worker says that it is done. A process that is killed says " +
		"nothing, and no other can tell whether it is dead or slow. So the engine gives each worker a time, and the item to " +
		"another when that is over. Nothing is lost, and something may be done twice: work has to bear that.",
	Look: "The first dryer is killed with a dish in its hands. The others dry the rest and wait. When the time of the dead " +
		"one is over, its dish lies on the rack again, and one of them takes it.",
	Run: across("engine-ledger", ""),
})
