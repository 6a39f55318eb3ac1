package process

import (
	"os"
)

// bootEnv is the environment variable that tells a worker how to reach its parent. It is gone once the worker has begun,
// so that the programs which it starts do not take themselves for workers.
const bootEnv = "TURNSTILE_PROCESS"

// boot is the value of bootEnv, "" in a process that this package did not start.
var boot = func() string {
	v := os.Getenv(bootEnv)
	_ = os.Unsetenv(bootEnv)
	return v
}()

// Main makes the program able to work in several processes. It must be the first line of main, and of TestMain:
//
//	func main() {
//		process.Main()
//		…
//	}
//
// A worker is the same program, started anew: there, Main does what the parent asks for, and never returns. In any other
// process Main returns at once. What the program does before it calls Main, each worker does, too.
func Main() {
	registry.Lock()
	registry.closed = true
	registry.Unlock()
	if boot != "" {
		work(boot)
	}
}
