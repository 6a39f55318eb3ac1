//go:build turnstile_goroot

package engine

import "unsafe"

// Own returns where what the explorer keeps of the run is in memory: what is reached by that alone is not reached by the program.
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

// Goroutine returns the runtime's goroutine that th is.
func (th *Thread) Goroutine() unsafe.Pointer { return th.g }

// Limited reports whether t, which may wait, goes on by itself in time, or when a context ends, or when the tasks of its bubble wait.
func (t *Task) Limited() bool {
	return t.Status == StatusParked && (t.timed || t.limit.done != nil)
}

// Plain reports whether only what is done to P or to the channels of Cases makes c true.
func (c *Condition) Plain() bool {
	return c.Bubble == nil && c.when == nil && c.expect == nil && len(c.Joins) == 0 && c.Of == nil
}
