package process

import (
	"os"
	"runtime"
	"sync"
	"syscall"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// executable returns a path of the running program that is valid even if its file has been replaced.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// attributes makes the worker the leader of a process group, and makes the kernel kill it when its parent dies.
func (p *pipe) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// A spawner is a thread that starts workers. The kernel takes the end of the thread for the end of their parent
// (go.dev/issue/27505), so it lives until none of them is left. Each run of an explorer has its own, because the spawner may be
// a goroutine of that run and end with it.
type spawner struct {
	run   any // of an explorer; nil if there is none
	jobs  chan func()
	alive int // workers
}

// spawners guards all spawners. last is the one that starts workers, nil if there is none.
var spawners struct {
	sync.Mutex
	last *spawner
}

// spawn starts a process. If it succeeds, the caller must call reaped when the process has ended.
func spawn(path string, args []string, attr *os.ProcAttr) (p *os.Process, reaped func(), err error) {
	var run any
	if t, ok := hook.Explored().(hook.Outsider); ok {
		run = t.Run()
	}
	return spawnIn(run, path, args, attr)
}

// spawnIn is like spawn, in a run of an explorer.
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

// spawnerOf returns the spawner of a run, and counts one more worker for it.
func spawnerOf(run any) *spawner {
	spawners.Lock()
	defer spawners.Unlock()
	s := spawners.last
	if s == nil || s.run != run { // the spawner of another run ends with its last worker
		s = &spawner{run: run, jobs: make(chan func())}
		spawners.last = s
		jobs := s.jobs
		hook.GoOutside(func() { runSpawner(jobs) })
	}
	s.alive++
	return s
}

// runSpawner runs the jobs in one thread, which ends when jobs is closed.
func runSpawner(jobs <-chan func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for job := range jobs {
		job()
	}
}

// reaped ends the thread if it has no workers left.
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
