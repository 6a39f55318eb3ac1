package search

// A Strategy chooses the schedule of each run.
type Strategy interface {
	// Begin prepares the next run. It returns false if there is nothing left to try.
	Begin() bool
	// Choose returns the index in v.Transitions of the one to take, a negative number if the run is not worth continuing, and
	// TooLarge if it has become too large.
	Choose(v *View) int
	// End learns from a run.
	End(v *View)
	// Fair reports whether every task that can run does so soon, so that a run without end is a fault of the
	// program.
	Fair() bool
}

// Crowd is the number of tasks from which finding all possible transitions takes long.
const Crowd = 64

// A Blind strategy may take the default transition whatever the others are, so that they need not be found.
type Blind interface {
	Strategy
	// Blind reports whether it does so in the current step, with the given number of tasks; same says that the default transition
	// continues the last task. If it does not, or if the default transition is that of a waiting task, Choose is called.
	Blind(v *View, tasks int, same bool) bool
}

// TooLarge is the choice of a strategy that cannot continue.
const TooLarge = -2

// A Systematic strategy knows what it has covered.
type Systematic interface {
	Strategy
	// Traces returns the number of runs that differ in more than the order of independent operations.
	Traces() int
	// Difference returns how the program differed from one run to the next under the same schedule; "" if it did not.
	Difference() string
	// Covered reports whether no schedule is left, and whether that holds only within a bound on preemptions.
	Covered() (all, bounded bool)
}

// ByDefault continues the running task, or else the oldest.
type ByDefault struct{}

// Begin implements [Strategy].
func (ByDefault) Begin() bool { return true }

// Choose implements [Strategy].
func (ByDefault) Choose(v *View) int { return v.Default }

// End implements [Strategy].
func (ByDefault) End(*View) {}

// Fair implements [Strategy].
func (ByDefault) Fair() bool { return false }
