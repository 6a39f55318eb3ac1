package lanes

import (
	"math"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// ruler labels the axis with round recorded times, or with event numbers if the steps are even.
func (l *Lanes) ruler(c *cells.Canvas) {
	const each = 11 // cells per label, at least
	w := l.area.W
	if l.real {
		const axis = "real time"
		if head := l.column(l.ax.at); head >= w-len(axis) && head <= w {
			w = head - 1
		}
		c.Right(l.area.X+w, l.area.Y, axis, cells.StyleDim)
		w -= len(axis) + 2
	}
	labels := max(1, l.area.W/each)
	k := l.ax.k
	if k.Even && !l.real {
		first, n := max(1, l.ax.count(l.from)), l.ax.count(l.to)
		step := max(1, int(nice(float64(n-first+1)/float64(labels))))
		first = (first + step - 1) / step * step
		if l.from == 0 {
			first = 0
		}
		l.marks(c, w, (n-first)/step, func(i int) (time.Duration, string) {
			return k.PosOf(first + i*step), strconv.Itoa(first + i*step)
		})
		return
	}
	begin, end := l.from, min(l.to, max(l.ax.end, l.ax.at)) // there is no time after that
	if l.real {
		begin, end = k.Zero+begin, k.Zero+end
	} else {
		begin, end = k.TimeAt(begin), k.TimeAt(end)
	}
	step := max(1, time.Duration(nice(float64(end-begin)/float64(labels))))
	first := int((begin + step - 1) / step)
	l.marks(c, w, int(end/step)-first, func(i int) (time.Duration, string) {
		t := time.Duration(first+i) * step
		if l.real {
			return t - k.Zero, label(t, step)
		}
		return k.Place(t, k.Len()), label(t, step)
	})
}

// marks writes labels 0 to n within w columns, and leaves out those that would overlap.
func (l *Lanes) marks(c *cells.Canvas, w, n int, at func(i int) (time.Duration, string)) {
	free, head := 0, l.column(l.ax.at)
	for i := 0; i <= n; i++ {
		v, s := at(i)
		x := l.column(v)
		if x < free || x+cells.Width(s) > w || head >= x-1 && head <= x+cells.Width(s) {
			continue
		}
		c.Text(l.area.X+x, l.area.Y, s, cells.StyleDim)
		free = x + cells.Width(s) + 2
	}
}

// nice returns the smallest of 1, 2, 5, 10, 20 … that is not less than x.
func nice(x float64) float64 {
	unit := 1.0
	for {
		for _, f := range [...]float64{1, 2, 5} {
			if unit*f >= x {
				return unit * f
			}
		}
		unit *= 10
	}
}

// label formats t in the unit that suits the given step, with enough digits to distinguish adjacent steps.
func label(t, step time.Duration) string {
	unit, name := time.Microsecond, " µs"
	switch {
	case t == 0:
		return "0"
	case step >= time.Millisecond:
		unit, name = time.Second, " s"
	case step >= time.Microsecond:
		unit, name = time.Millisecond, " ms"
	}
	digits := 0
	if step < unit {
		digits = int(math.Ceil(math.Log10(float64(unit)/float64(step)) - 1e-9))
	}
	s := strconv.FormatFloat(float64(t)/float64(unit), 'f', digits, 64)
	if digits > 0 { // without trailing zeros
		for s[len(s)-1] == '0' {
			s = s[:len(s)-1]
		}
		if s[len(s)-1] == '.' {
			s = s[:len(s)-1]
		}
	}
	return s + name
}
