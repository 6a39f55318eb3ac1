package process

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

// The thread that starts the workers of a run stays until its own workers have ended, and no longer, whatever other runs do.
func TestSpawners(t *testing.T) {
	exe, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	worker := func(run any) (reaped func()) {
		p, reaped, err := spawnIn(run, exe, []string{"worker"}, &os.ProcAttr{Env: []string{helperEnv + "=nothing", "GORACE=atexit_sleep_ms=0"}})
		if err != nil {
			t.Fatal(err)
		}
		if state, err := p.Wait(); err != nil || !state.Success() {
			t.Errorf("%v, %v", state, err)
		}
		return reaped
	}
	stay := func(n int) {
		t.Helper()
		eventually(t, "the right threads are left", func() bool { return strings.Count(stacks(), "process.runSpawner(") == n })
	}
	stay(0)
	before, first := worker(nil), worker("run")
	second := worker("run")
	stay(2)
	before()
	stay(1)
	first()
	again := worker("run") // by the same thread
	stay(1)
	second()
	lost := worker("another run")
	stay(2)
	again()
	stay(1)
	worker(nil)()
	stay(1)
	lost()
	stay(0)
	if spawners.last != nil {
		t.Error("a spawner is left that has no workers")
	}
	if _, reaped, err := spawnIn("run", exe+"/none", nil, &os.ProcAttr{}); err == nil || reaped != nil {
		t.Error("a process was started that there is not")
	}
	stay(0)
}

// stacks returns the stacks of all goroutines.
func stacks() string {
	all := make([]byte, 1<<20)
	return string(all[:runtime.Stack(all, true)])
}
