//go:build turnstile_goroot

package engine

import "unsafe"

// Own returns the addresses of the explorer's own records of the run: objects reachable only from those are not
// reachable by the program.
func (x *Execution) Own() []uintptr {
	own := []uintptr{
		uintptr(unsafe.Pointer(x)), uintptr(unsafe.Pointer(unsafe.SliceData(x.Tasks))),
		uintptr(unsafe.Pointer(unsafe.SliceData(x.Objects))),
	}
	for _, t := range x.Tasks[:cap(x.Tasks)] {
		if t != nil {
			own = append(own, uintptr(unsafe.Pointer(t)), uintptr(unsafe.Pointer(t.Thread)), uintptr(unsafe.Pointer(unsafe.SliceData(t.Plain.Cases))))
		}
	}
	return own
}

// Goroutine returns the runtime's goroutine of th.
func (th *Thread) Goroutine() unsafe.Pointer { return th.g }

// Limited reports whether the wait of t ends by itself: at a time, with a context, or when the tasks of its bubble
// wait.
func (t *Task) Limited() bool {
	return t.Status == StatusParked && (t.timed || t.limit.done != nil)
}

// Plain reports whether only operations on P or on the channels of Cases can make c true.
func (c *Condition) Plain() bool {
	return c.Bubble == nil && c.when == nil && c.expect == nil && len(c.Joins) == 0 && c.Of == nil
}
