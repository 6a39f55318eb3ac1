package process

import (
	"os"
)

// bootEnv is the environment variable that contains the address of a worker's parent. The worker unsets it, so that the programs
// that it starts are not taken for workers.
const bootEnv = "TURNSTILE_PROCESS"

// boot is the value of bootEnv, "" in a process that this package did not start.
var boot = func() string {
	v := os.Getenv(bootEnv)
	_ = os.Unsetenv(bootEnv)
	return v
}()

// Main lets the program run worker processes. It must be called first in main, and in TestMain:
//
//	func main() {
//		process.Main()
//		…
//	}
//
// A worker is a new process of the same program: there, Main serves the requests of the parent and never returns. In
// any other process Main returns at once. Code that runs before the call of Main, such as package initialization, also
// runs in each worker.
func Main() {
	registry.Lock()
	registry.closed = true
	registry.Unlock()
	if boot != "" {
		work(boot)
	}
}
