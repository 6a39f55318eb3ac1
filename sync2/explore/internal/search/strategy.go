package search

// A Strategy is an oracle: it says in what order things happen.
type Strategy interface {
	// Begin prepares the next run. It returns false if there is nothing left to try.
	Begin() bool
	// Choose returns the place in v.Transitions of the one to be made, less than 0 if the run is not worth going on with, and
	// TooLarge if it has become too large.
	Choose(v *View) int
	// End learns from a run.
	End(v *View)
	// Fair reports whether every task that can go on does so before long, so that a run without end is a fault of the
	// program.
	Fair() bool
}

// Crowd is from how many tasks on it takes long to find out all that can be done.
const Crowd = 64

// A Blind strategy may make the default transition whatever else can be done, so that nobody need find that out.
type Blind interface {
	Strategy
	// Blind reports whether it does so in the step at hand, with the given number of tasks. If not, or if the default is not that of a
	// task that does not wait, Choose is called.
	Blind(v *View, tasks int) bool
}

// TooLarge is what a strategy chooses that cannot go on.
const TooLarge = -2

// A Systematic strategy knows what it has seen.
type Systematic interface {
	Strategy
	// Traces returns how many of the runs differed in more than the order of independent operations.
	Traces() int
	// Difference returns how the program differed from one run to the next, though the order was the same; "" if it did not.
	Difference() string
	// Covered reports whether there is no order left, and whether that is so only within a bound of preemptions.
	Covered() (all, bounded bool)
}

// ByDefault goes on with the task that goes already, or else with the oldest.
type ByDefault struct{}

// Begin implements [Strategy].
func (ByDefault) Begin() bool { return true }

// Choose implements [Strategy].
func (ByDefault) Choose(v *View) int { return v.Default }

// End implements [Strategy].
func (ByDefault) End(*View) {}

// Fair implements [Strategy].
func (ByDefault) Fair() bool { return false }
