package scenarios

var _ = register(&Scenario{
	Name:     "lease-unchecked",
	Title:    "A holder stands still for longer than its lease",
	Category: CategoryHosts,
	Expect:   ExpectViolation,
	Real:     true,
	Twin:     "lease-checked",
	Lesson: "A lock across hosts is held under a lease, since nobody can tell a holder that is dead from one that is slow. A " +
		"process can stand still between any two of its steps: it is paused, swapped out, or its machine is moved. If that " +
		"lasts longer than the lease, another has the lock, and the first does not know when it goes on.",
	Look: "The first clerk has read the account and is paused before it writes. Its lease ends, and the second clerk locks, pays " +
		"in and unlocks. Then the first goes on and writes what it had computed before.",
	Hints: []string{
		"Each clerk reads and writes under the lock. Ask how long the lock is theirs.",
		"See who holds the lock while the first clerk is paused, and what that one writes.",
		"No look at the clock helps the first clerk, since it can be paused after that look. The account has to refuse it: each " +
			"grant of the lock has a token that is higher than the one before.",
	},
	Run: across("lease-unchecked", "100, 20 and 50 are 170, but the account holds 120"),
})

var _ = register(&Scenario{
	Name:     "lease-checked",
	Title:    "What the lock protects refuses an old token",
	Category: CategoryHosts,
	Expect:   ExpectClean,
	Real:     true,
	Twin:     "lease-unchecked",
	Lesson: "Each time that the lock is granted, the holder gets a token that is higher than all before. It sends the token along " +
		"with what it writes, and what the lock protects remembers the highest that it has seen and refuses lower ones. So a " +
		"holder whose lease has ended can do no harm, however late it comes. Without that check such a lock is advisory.",
	Look: "The first clerk is paused, and the second pays in meanwhile, as in the twin. But when the first goes on, the account " +
		"refuses its token. It takes the lock again, reads the new sum, and nothing is lost.",
	Run: across("lease-checked", ""),
})
