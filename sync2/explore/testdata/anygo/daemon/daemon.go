// Package daemon cannot be initialized twice, and has a goroutine that is started once.
package daemon

import (
	"expvar"
	"sync"
)

var done = expvar.NewInt("anygo daemon")

var (
	once sync.Once
	jobs chan func()
)

// Do has f called by the goroutine.
func Do(f func()) {
	once.Do(func() {
		jobs = make(chan func())
		go func() {
			for job := range jobs {
				job()
			}
		}()
	})
	over := make(chan bool)
	jobs <- func() {
		f()
		close(over)
	}
	<-over
}
