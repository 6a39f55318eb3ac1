package scenarios

var _ = register(&Scenario{
	Name:     "engine-ledger",
	Title:    "Pending, in progress, completed: a dryer is killed, and its dish is handed out again",
	Category: CategoryHosts,
	Programs: []int{118},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "An item of a queue across hosts is in progress until its worker reports it done. A killed process reports " +
		"nothing, and no other can tell whether it is dead or slow. So the engine gives each worker a time limit, then hands " +
		"the item to another. Nothing is lost, but work may be done twice, and has to tolerate that.",
	Look: "The first dryer is killed with a dish in its hands. The others dry the rest and wait. When the dead one's time " +
		"limit expires, its dish is back on the rack, and one of them takes it.",
	Run: across("engine-ledger", ""),
})
