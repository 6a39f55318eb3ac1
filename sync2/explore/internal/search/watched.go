package search

// A Watched strategy is what a program does by itself, more or less: whoever goes on does so, but not forever while others
// can go on too. It knows how often it had a choice.
type Watched struct {
	choices int
	row     int   // the number of steps in a row
	of      int32 // were of this task
}

// NewWatched returns a strategy that makes the default transitions, and lets everybody have a turn.
func NewWatched() *Watched { return new(Watched) }

// Choices returns at how many steps there was more than one transition.
func (w *Watched) Choices() int { return w.choices }

// patience is how many steps in a row are of one task while others can go on.
const patience = 200

// Begin implements [Strategy].
func (w *Watched) Begin() bool {
	*w = Watched{of: -1}
	return true
}

// Choose implements [Strategy].
func (w *Watched) Choose(v *View) int {
	n := len(v.Transitions)
	if n == 1 {
		w.count(v.Transitions[0].Task)
		return 0
	}
	w.choices++
	i := v.Default
	if w.row >= patience && v.Transitions[i].Task == w.of {
		for k := 1; k < n; k++ { // the next task
			if j := (i + k) % n; v.Transitions[j].Task != w.of {
				i = j
				break
			}
		}
	}
	w.count(v.Transitions[i].Task)
	return i
}

// Blind implements [Blind].
func (w *Watched) Blind(v *View, _ int) bool {
	if w.of != v.Last {
		w.of, w.row = v.Last, 1
	}
	if w.row >= patience {
		return false
	}
	w.row++
	w.choices++
	return true
}

func (w *Watched) count(task int32) {
	if w.of != task {
		w.of, w.row = task, 0
	}
	w.row++
}

// End implements [Strategy].
func (*Watched) End(*View) {}

// Fair implements [Strategy].
func (*Watched) Fair() bool { return true }
