package scenarios

var _ = register(&Scenario{
	Name:     "lease-unchecked",
	Title:    "A holder is paused for longer than its lease",
	Category: CategoryHosts,
	Expect:   ExpectViolation,
	Real:     true,
	Twin:     "lease-checked",
	Lesson: "A lock across hosts is held under a lease, since nobody can tell a dead holder from a slow one. A process can " +
		"stop between any two of its steps: it is paused, swapped out, or its machine is migrated. If that lasts longer than " +
		"the lease, another process gets the lock, and the first does not know this when it resumes.",
	Look: "The first clerk has read the account and is paused before it writes. Its lease expires, and the second clerk locks, " +
		"pays in and unlocks. Then the first resumes and writes what it had computed before.",
	Hints: []string{
		"Each clerk reads and writes under the lock. Ask how long each of them owns the lock.",
		"See who holds the lock while the first clerk is paused, and what that holder writes.",
		"Checking the clock does not help the first clerk, since it can be paused after the check. The account has to refuse " +
			"its write: each grant of the lock has a higher token than the one before.",
	},
	Run: across("lease-unchecked", "100, 20 and 50 are 170, but the account holds 120"),
})

var _ = register(&Scenario{
	Name:     "lease-checked",
	Title:    "An account that refuses old tokens",
	Category: CategoryHosts,
	Expect:   ExpectClean,
	Real:     true,
	Twin:     "lease-unchecked",
	Lesson: "Each time the lock is granted, the holder gets a higher token than all before. It sends the token along with each " +
		"write, and the account remembers the highest it has seen and refuses lower ones. So a holder whose lease has expired can do " +
		"no harm, however late it comes. Without that check, such a lock is only advisory. This is called a fencing token.",
	Look: "The first clerk is paused, and the second pays in meanwhile, as in the twin. But when the first resumes, the account " +
		"refuses its token. It takes the lock again, reads the new balance, and nothing is lost.",
	Run: across("lease-checked", ""),
})
