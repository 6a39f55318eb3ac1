package scenarios

var _ = register(&Scenario{
	Name:     "dishes-engine",
	Title:    "A washer and three dryers, each a process, meet at an engine",
	Category: CategoryHosts,
	Programs: []int{115, 116},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Processes that share no memory, on any number of machines, meet at an engine: one puts items into a named " +
		"queue, others take them. None of them knows about the others. So nobody can tell all of them that the work is " +
		"over: an item that says so reaches only one of them. The others need a timeout, or an item each.",
	Look: "The washer puts a dish on the rack while the dryers dry the earlier ones. The last item is 'quit'. One dryer " +
		"takes it; the other two wait until they time out, and go home on their own.",
	Run: across("dishes-engine", ""),
})
