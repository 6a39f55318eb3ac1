// Package timeline turns the events of a trace into States: what every goroutine and every object was doing at each
// moment, forwards and back.
package timeline
