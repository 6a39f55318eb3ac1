package lanes

import (
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// window sets the visible part of the axis: all of it, or a part that follows the playhead unless the user has scrolled away.
func (l *Lanes) window() {
	all := l.ax.all()
	moved := l.ax.at != l.seen
	l.seen = l.ax.at
	if l.part <= 0 || l.part >= all {
		l.part, l.from, l.to, l.loose = 0, 0, all, false
		return
	}
	l.part = max(l.part, l.ax.least())
	if l.at(l.ax.at) || moved && !l.Playing {
		l.loose = false
	}
	switch {
	case l.loose || l.at(l.ax.at):
	case l.ax.at > l.from:
		l.from = l.ax.at - l.part/4
	default:
		l.from = l.ax.at - l.part*3/4
	}
	l.from = max(0, min(l.from, all-l.part))
	l.to = l.from + l.part
}

// ChangeAxis switches between play time and recorded time. The visible part of the recording stays the same.
func (l *Lanes) ChangeAxis() {
	k := l.ax.k
	if l.real = !l.real; l.part == 0 || k == nil {
		return
	}
	to := l.from + l.part
	if l.real {
		l.from, to = k.TimeAt(l.from)-k.Zero, k.TimeAt(to)-k.Zero
	} else {
		l.from, to = k.Place(k.Zero+l.from, k.Len()), k.Place(k.Zero+to, k.Len())
	}
	l.part = max(to-l.from, 1)
}

// at reports whether position v is visible.
func (l *Lanes) at(v time.Duration) bool { return v >= l.from && v <= l.from+l.part }

// zoom halves or doubles the visible part. The position at the given fraction of the width stays in place.
func (l *Lanes) zoom(in bool, fraction float64) {
	all := l.ax.all()
	was := l.part
	if was == 0 {
		was = all
	}
	v := l.from + time.Duration(float64(was)*fraction)
	if l.part = was * 2; in {
		l.part = max(was/2, l.ax.least())
	}
	if l.part >= all {
		l.part = 0
		return
	}
	l.from = max(0, min(v-time.Duration(float64(l.part)*fraction), all-l.part))
	l.loose = !l.at(l.ax.at)
}

// ZoomAt halves or doubles the visible part. What is at column x of the screen stays there.
func (l *Lanes) ZoomAt(x int, in bool) {
	l.zoom(in, float64(cells.Clamp(x-l.area.X, 0, l.area.W))/float64(max(1, l.area.W)))
}

// ZoomHead halves or doubles the visible part around the playhead, or around the middle if the playhead is out of sight.
func (l *Lanes) ZoomHead(in bool) {
	fraction := 0.5
	if l.part == 0 || l.at(l.ax.at) {
		if span := l.to - l.from; span > 0 {
			fraction = float64(l.ax.at-l.from) / float64(span)
		}
	}
	l.zoom(in, min(max(fraction, 0), 1))
}

// Pan scrolls by the given fraction of the visible part, to the left if it is negative.
func (l *Lanes) Pan(by float64) {
	if l.part == 0 {
		return
	}
	l.from = max(0, min(l.from+time.Duration(float64(l.part)*by), l.ax.all()-l.part))
	l.loose = !l.at(l.ax.at)
}

// Shift adjusts the visible part after the beginning of the recording was discarded, which took play in play time and recorded in
// recorded time.
func (l *Lanes) Shift(play, recorded time.Duration) {
	by := play
	if l.real {
		by = recorded
	}
	l.from = max(0, l.from-by)
	l.seen -= by
}
