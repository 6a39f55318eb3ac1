package trace

import "fmt"

// Watches.

func (c watchCheck) define() string {
	c.o.version = c.ev.N
	return ""
}

// set: versions have no gaps. Every goroutine waiting for an earlier version is released.
func (c watchCheck) set() (wrong string) {
	o, n := c.o, c.ev.N
	if n != o.version+1 && !o.vague {
		wrong = fmt.Sprintf("the version after %d is not %d", o.version, n)
	}
	o.version, o.vague = n, false
	o.pending = 0
	for _, g := range o.queue {
		if g.want < n {
			o.pending++
		}
	}
	return wrong
}

func (c watchCheck) wait() string {
	if c.ev.N < c.o.version && !c.o.vague {
		return fmt.Sprintf("the version is already %d", c.o.version)
	}
	return ""
}

func (c watchCheck) release() string {
	o := c.o
	if o.pending == 0 && o.vague {
		return ""
	}
	if wrong := c.pending(); wrong != "" {
		return wrong
	}
	if c.g.id != 0 && c.g.want >= o.version && !o.vague {
		return fmt.Sprintf("it waits for a version after %d, and this is %d", c.g.want, o.version)
	}
	return ""
}

// pass: a goroutine gets the latest version.
func (c watchCheck) pass() string {
	if c.ev.N != c.o.version && !c.o.vague {
		return fmt.Sprintf("the version is %d, not %d", c.o.version, c.ev.N)
	}
	return ""
}
