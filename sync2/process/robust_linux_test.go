package process

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Neither computing processes nor a stopped one outlive their parent.
func TestParentKilled(t *testing.T) {
	cmd := helperCommand(t, "parent")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	list, _, _ := strings.Cut(strings.TrimPrefix(line, "["), "]")
	pids := strings.Fields(list)
	if len(pids) != 4 {
		t.Fatal(line)
	}
	napper, _ := strconv.Atoi(pids[3])
	_ = syscall.Kill(napper, syscall.SIGSTOP) // it cannot do anything about it itself
	begun := time.Now()
	_ = cmd.Process.Kill()
	for _, pid := range pids {
		eventually(t, "process "+pid+" is gone", func() bool { return !running(pid) })
	}
	t.Logf("4 workers were gone %v after their parent was killed", time.Since(begun))
	_ = cmd.Wait()
}

// childrenOf returns the number of child processes of pid that have not been waited for.
func childrenOf(pid int) (n int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		n += len(strings.Fields(string(text)))
	}
	return n
}

// running reports whether a process runs. A zombie does not.
func running(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}
