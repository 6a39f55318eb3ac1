package process

import (
	"os"
	"runtime"
	"sync"
	"syscall"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// executable returns a path of the program that runs, even if its file was replaced meanwhile.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// attributes makes the worker the leader of a process group, and die with its parent, whatever it does at that moment.
func (p *pipe) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// spawner is the thread that starts the workers. The kernel takes its end for that of their parent (go.dev/issue/27505),
// so it stays until none is left.
var spawner struct {
	sync.Mutex
	alive int // workers
	jobs  chan func()
	run   any // of an explorer, of which they are; nil: there is none
}

// spawn starts a process. For each that it started, reaped has to be called when that has ended.
func spawn(path string, args []string, attr *os.ProcAttr) (p *os.Process, err error) {
	spawner.Lock()
	var run any
	if t, ok := hook.Explored().(hook.Outsider); ok {
		run = t.Run()
	}
	if spawner.run != run { // the thread was a goroutine of another run, which is no more
		spawner.run, spawner.alive = run, 0
	}
	if spawner.alive == 0 {
		spawner.jobs = make(chan func())
		jobs := spawner.jobs
		hook.GoOutside(func() { runSpawner(jobs) })
	}
	spawner.alive++
	jobs := spawner.jobs
	spawner.Unlock()
	done := make(chan struct{})
	jobs <- func() {
		defer close(done)
		p, err = os.StartProcess(path, args, attr) //nolint:gosec // it is this program
	}
	<-done
	if err != nil {
		reaped()
	}
	return p, err
}

// runSpawner runs the jobs in a thread that ends only when there will be no more of them.
func runSpawner(jobs <-chan func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for job := range jobs {
		job()
	}
}

// reaped lets the thread go if no worker is left.
func reaped() {
	spawner.Lock()
	defer spawner.Unlock()
	if spawner.alive--; spawner.alive == 0 {
		close(spawner.jobs)
	}
}
