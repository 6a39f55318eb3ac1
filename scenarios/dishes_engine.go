package scenarios

var _ = register(&Scenario{
	Name:     "dishes-engine",
	Title:    "A washer and three dryers, each a process, know each other by an engine",
	Category: CategoryHosts,
	Programs: []int{115, 116},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Processes that share no memory, on any number of machines, meet at an engine: one puts items into a queue " +
		"by its name, others take them. None of them knows of another. So nobody can tell all of them that it is over: " +
		"one item that says so is heard by one. The others need a timeout, or an item each.",
	Look: "The washer puts a dish on the rack while the dryers dry what was put before. The last item is 'quit'. One dryer " +
		"takes it; the other two wait until their time is over, and go home by themselves.",
	Run: across("dishes-engine", ""),
})
