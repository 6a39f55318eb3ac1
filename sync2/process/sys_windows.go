package process

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A pipe is two pipes, one for each direction, whose far ends the worker inherits.
type pipe struct {
	ours   link
	theirs [2]*os.File // what the worker reads from, and writes to
}

// pipes are two pipes in use.
type pipes struct{ in, out *os.File }

func (p pipes) Read(b []byte) (int, error)  { return p.in.Read(b) }
func (p pipes) Write(b []byte) (int, error) { return p.out.Write(b) }
func (p pipes) Close() error                { return errors.Join(p.in.Close(), p.out.Close()) }

func newPipe() (*pipe, error) {
	r1, w1, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	r2, w2, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, r1.Close(), w1.Close())
	}
	p := &pipe{ours: pipes{r2, w1}, theirs: [2]*os.File{r1, w2}}
	for _, f := range p.theirs {
		if err := syscall.SetHandleInformation(syscall.Handle(f.Fd()), syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT); err != nil {
			p.closeTheirs()
			return nil, errors.Join(os.NewSyscallError("SetHandleInformation", err), p.ours.Close())
		}
	}
	return p, nil
}

func (p *pipe) boot() string          { return fmt.Sprintf("%d,%d", p.theirs[0].Fd(), p.theirs[1].Fd()) }
func (p *pipe) inherited() []*os.File { return nil }

func (p *pipe) closeTheirs() {
	for _, f := range p.theirs {
		_ = f.Close()
	}
}

// attributes makes the worker inherit its ends, and makes it the leader of a process group, so that Ctrl-C does not reach it.
func (p *pipe) attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		CreationFlags:              syscall.CREATE_NEW_PROCESS_GROUP,
		AdditionalInheritedHandles: []syscall.Handle{syscall.Handle(p.theirs[0].Fd()), syscall.Handle(p.theirs[1].Fd())},
	}
}

// openLink returns the worker's ends.
func openLink(boot string) (link, error) {
	in, out, _ := strings.Cut(boot, ",")
	r, err1 := strconv.ParseUint(in, 10, 64)
	w, err2 := strconv.ParseUint(out, 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("%s is %q", bootEnv, boot)
	}
	for _, h := range []uint64{r, w} {
		if err := syscall.SetHandleInformation(syscall.Handle(h), syscall.HANDLE_FLAG_INHERIT, 0); err != nil {
			return nil, os.NewSyscallError("SetHandleInformation", err)
		}
	}
	return pipes{os.NewFile(uintptr(r), "parent"), os.NewFile(uintptr(w), "parent")}, nil
}

func executable() (string, error) { return os.Executable() }

func spawn(path string, args []string, attr *os.ProcAttr) (p *os.Process, reaped func(), err error) {
	p, err = os.StartProcess(path, args, attr)
	return p, func() {}, err
}

// A job is a job object: the child and the processes that it starts. When its last handle is closed, which the parent has, the
// system kills them.
type job struct{ handle windows.Handle }

// put puts the process into the job. If that is not possible, only the end of the connection ends the worker.
func (j *job) put(p *os.Process) {
	h, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return
	}
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(h, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err == nil {
		err2 := p.WithHandle(func(process uintptr) { err = windows.AssignProcessToJobObject(h, windows.Handle(process)) })
		err = errors.Join(err, err2)
	}
	if err != nil {
		_ = windows.CloseHandle(h)
		return
	}
	j.handle = h
}

func (j *job) kill(int) {
	if j.handle != 0 {
		_ = windows.TerminateJobObject(j.handle, exitFailure)
	}
}

func (j *job) close() {
	if j.handle != 0 {
		_ = windows.CloseHandle(j.handle)
		j.handle = 0
	}
}

// terminate kills a process: Windows has no way to ask it to end.
func terminate(p *os.Process) error { return p.Kill() }

// exitCode returns the exit status.
func exitCode(s *os.ProcessState) int {
	if s == nil {
		return unknownCode
	}
	return s.ExitCode()
}

func dieWithParent() { os.Exit(exitFailure) }
