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

// A spawner is a thread that starts workers. The kernel takes its end for that of their parent (go.dev/issue/27505),
// so it stays until none of them is left. Each run of an explorer has its own, since it may be a goroutine of that run,
// and be no more when the run is over; then nobody waits for its workers either.
type spawner struct {
	run   any // of an explorer; nil: there is none
	jobs  chan func()
	alive int // workers
}

// spawners guards all spawners. The last is the one that starts workers, nil if that has none.
var spawners struct {
	sync.Mutex
	last *spawner
}

// spawn starts a process. If it did, reaped has to be called when that has ended.
func spawn(path string, args []string, attr *os.ProcAttr) (p *os.Process, reaped func(), err error) {
	var run any
	if t, ok := hook.Explored().(hook.Outsider); ok {
		run = t.Run()
	}
	return spawnIn(run, path, args, attr)
}

// spawnIn is spawn in a run of an explorer.
func spawnIn(run any, path string, args []string, attr *os.ProcAttr) (p *os.Process, reaped func(), err error) {
	s := spawnerOf(run)
	done := make(chan struct{})
	s.jobs <- func() {
		defer close(done)
		p, err = os.StartProcess(path, args, attr) //nolint:gosec // it is this program
	}
	<-done
	if err != nil {
		s.reaped()
		return nil, nil, err
	}
	return p, s.reaped, nil
}

// spawnerOf returns a run's spawner, which has one worker more now.
func spawnerOf(run any) *spawner {
	spawners.Lock()
	defer spawners.Unlock()
	s := spawners.last
	if s == nil || s.run != run { // another run's ends with the last of its workers
		s = &spawner{run: run, jobs: make(chan func())}
		spawners.last = s
		jobs := s.jobs
		hook.GoOutside(func() { runSpawner(jobs) })
	}
	s.alive++
	return s
}

// runSpawner runs the jobs in a thread that ends only when there will be no more of them.
func runSpawner(jobs <-chan func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for job := range jobs {
		job()
	}
}

// reaped lets the thread go if no worker of it is left.
func (s *spawner) reaped() {
	spawners.Lock()
	defer spawners.Unlock()
	if s.alive--; s.alive > 0 {
		return
	}
	close(s.jobs)
	if spawners.last == s {
		spawners.last = nil
	}
}
