//go:build cgo && unix

package console

/*
#include <fcntl.h>
#include <unistd.h>

static int closed;

__attribute__((constructor)) static void look(void) { closed = fcntl(STDOUT_FILENO, F_GETFD) == -1; }

static int outputWasClosed(void) { return closed; }
*/
import "C"

// outputWasClosed reports whether the standard output was closed when the program began. Go cannot tell: before any of
// it runs, the runtime opens /dev/null in the place of a standard file that is closed, and what is written there would be
// lost without an error.
func outputWasClosed() bool { return C.outputWasClosed() != 0 }
