package scenarios

var _ = register(&Scenario{
	Name:     "engine-fetch",
	Title:    "Workers in other processes fetch pages",
	Category: CategoryHosts,
	Programs: []int{25},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Addresses go into one queue, and pages come out of another. The workers between them may be few or many, here or " +
		"on other machines, and may come and go. A worker stores the page before it reports the address as done: if it dies " +
		"between the two, the page is fetched twice, but never lost.",
	Look: "The engine puts all addresses into one queue and then waits at the other. Three fetchers take an address each, and put " +
		"what they fetch into the queue of pages.",
	Run: across("engine-fetch", ""),
})
