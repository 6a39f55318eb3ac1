package search

// A replay makes the default transition except where a deviation says otherwise. For a run without end it repeats a random
// walk, from the start or after the last deviation, since there would be thousands of deviations.
type replay struct {
	walk       walker // nil: only the deviations count
	deviations []Deviation
	at         int  // of the deviations
	endless    bool // the schedule is that of a run without end
}

// NewReplay returns the strategy that makes the default transition except where the deviations say otherwise. endless says that
// the schedule is that of a run without end.
func NewReplay(ds []Deviation, endless bool) Strategy {
	return &replay{deviations: ds, endless: endless}
}

// Strategy returns the strategy that makes the choices of the token.
func (t *Token) Strategy() Strategy {
	r := &replay{deviations: t.Deviations, endless: t.Endless}
	if t.Walk != nil {
		r.walk = t.Walk.again()
	}
	return r
}

// Continue returns the strategy that makes the deviations, and continues with a random walk.
func Continue(ds []Deviation, w Walk) Strategy {
	return &replay{deviations: ds, walk: w.again(), endless: true}
}

// A Deviation is a step at which a transition other than the default was taken.
type Deviation struct {
	Step int
	Pick int // its place among the transitions, counted from the default
}

func (r *replay) Begin() bool {
	r.at = 0
	if r.walk != nil {
		return r.walk.Begin()
	}
	return true
}

func (r *replay) Choose(v *View) int {
	if r.walk != nil && r.at == len(r.deviations) {
		return r.walk.Choose(v)
	}
	if r.at == len(r.deviations) || r.deviations[r.at].Step != len(v.Steps) {
		return v.Default
	}
	d := r.deviations[r.at]
	r.at++
	if d.Pick >= len(v.Transitions) {
		return v.Default
	}
	return (v.Default + d.Pick) % len(v.Transitions)
}

// Blind implements [Blind].
func (r *replay) Blind(v *View, tasks int, same bool) bool {
	if r.at < len(r.deviations) {
		return r.deviations[r.at].Step != len(v.Steps)
	}
	return r.walk == nil || r.walk.Blind(v, tasks, same)
}

func (r *replay) End(*View)  {}
func (r *replay) Fair() bool { return r.endless }

// DeviationsOf returns the steps at which the run deviates from the default.
func DeviationsOf(v *View) []Deviation {
	var d []Deviation
	for i := range v.Steps {
		if dev := v.Steps[i].Deviation; dev != 0 {
			d = append(d, Deviation{i, int(dev)})
		}
	}
	return d
}
