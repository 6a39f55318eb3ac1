package tui

import "time"

// window sets which part of the axis is seen: all of it, or a part that the playhead does not leave, unless the user looks
// elsewhere.
func (l *lanes) window() {
	all := l.ax.all()
	moved := l.ax.at != l.seen
	l.seen = l.ax.at
	if l.part <= 0 || l.part >= all {
		l.part, l.from, l.to, l.loose = 0, 0, all, false
		return
	}
	l.part = max(l.part, l.ax.least())
	if l.at(l.ax.at) || moved && !l.playing {
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

// changeAxis changes between play time and recorded time. What is seen stays that.
func (l *lanes) changeAxis() {
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

// at reports whether v is seen.
func (l *lanes) at(v time.Duration) bool { return v >= l.from && v <= l.from+l.part }

// zoom shows half as much, or twice, and what is a part of the width from the left stays there.
func (l *lanes) zoom(in bool, part float64) {
	all := l.ax.all()
	was := l.part
	if was == 0 {
		was = all
	}
	v := l.from + time.Duration(float64(was)*part)
	if l.part = was * 2; in {
		l.part = max(was/2, l.ax.least())
	}
	if l.part >= all {
		l.part = 0
		return
	}
	l.from = max(0, min(v-time.Duration(float64(l.part)*part), all-l.part))
	l.loose = !l.at(l.ax.at)
}

// zoomHead is zoom around the playhead, or around the middle if that is not seen.
func (l *lanes) zoomHead(in bool) {
	part := 0.5
	if l.part == 0 || l.at(l.ax.at) {
		if span := l.to - l.from; span > 0 {
			part = float64(l.ax.at-l.from) / float64(span)
		}
	}
	l.zoom(in, min(max(part, 0), 1))
}

// pan shows what is left or right of what is seen, by a part of that.
func (l *lanes) pan(by float64) {
	if l.part == 0 {
		return
	}
	l.from = max(0, min(l.from+time.Duration(float64(l.part)*by), l.ax.all()-l.part))
	l.loose = !l.at(l.ax.at)
}
