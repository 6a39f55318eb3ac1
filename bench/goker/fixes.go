package main

import (
	"fmt"
	"slices"
	"strings"
)

// fixes are those of some programs: what is wrong, and what stands there instead.
var fixes = map[string]struct{ old, new string }{
	"Cockroach10790":  {"go func() { // G3", "return\n\t\t\tgo func() {"},
	"Cockroach13197":  {"db.begin(context.Background())", "db.begin(context.Background()).Rollback()"},
	"Cockroach13755":  {"rs.initContextClose(context.Background())", "rs.initContextClose(context.Background()); rs.close(nil)"},
	"Cockroach18101":  {"readyForImportCh <- (false || i != 0)", "select { case readyForImportCh <- i != 0: case <-ctx.Done(): return }"},
	"Cockroach24808":  {"compactor.ch <- struct{}{}\n", "\n"},
	"Cockroach25456":  {"tc.StartWithStoreConfig(stopper)\n", "tc.StartWithStoreConfig(stopper); close(stopper.quiescer)\n"},
	"Cockroach35931":  {"left.Push()", ""},
	"Cockroach584":    {"// Missing g.mu.Unlock", "g.mu.Unlock()"},
	"Cockroach9935":   {"l.exit(err)", "l.mu.Unlock(); l.exit(err); return"},
	"Etcd10492":       {"le.cp(context.Background())", "le.mu.Unlock(); le.cp(context.Background()); le.mu.Lock()"},
	"Etcd5509":        {"return ErrConnClosed_etcd5509", "r.client.mu.RUnlock(); return ErrConnClosed_etcd5509"},
	"Etcd6708":        {"\n\tc.SetEndpoints()", "\n\tc.Unlock(); c.SetEndpoints(); c.Lock()"},
	"Etcd6857":        {"n.status <- c\n\treturn <-c", "select { case n.status <- c: return <-c; case <-n.done: return Status_etcd6857{} }"},
	"Etcd6873":        {"\n\t<-wbs.donec", "\n\twbs.mu.Unlock(); <-wbs.donec; wbs.mu.Lock()"},
	"Grpc660":         {"make(chan bool)\n\t\tgo func() { // G2", "make(chan bool, 1)\n\t\tgo func() { // G2"},
	"Kubernetes25331": {"make(chan bool)", "make(chan bool, 1)"},
	"Kubernetes5316":  {"ch := make(chan bool)\n\terrCh := make(chan error)", "ch := make(chan bool, 1)\n\terrCh := make(chan error, 1)"},
	"Kubernetes62464": {"\tdefer s.RUnlock()\n\tif ok := s.GetCPUSet(); ok {", "\ts.RUnlock()\n\tif ok := s.GetCPUSet(); ok {"},
	"Moby25348":       {"group.Wait() // Block here\n\t}", "}\n\tgroup.Wait()"},
	"Moby33781":       {"results := make(chan bool)", "results := make(chan bool, 1)"},
	"Moby36114":       {"svm.hotRemoveVHDsAtStart()\n}", "svm.Unlock(); svm.hotRemoveVHDsAtStart(); svm.Lock()\n}"},
	"Syncthing4829":   {"m.notify(nil, removed)", "m.mut.Unlock(); m.notify(nil, removed); m.mut.Lock()"},
}

// fix makes a program right.
func fix(p *program, text string) (string, error) {
	f, ok := fixes[p.name]
	if !ok || !strings.Contains(text, f.old) {
		return "", fmt.Errorf("the place to be fixed is not there: %q", f.old)
	}
	return strings.ReplaceAll(text, f.old, f.new), nil
}

// fixable returns the programs that have a fix.
func fixable(ps []program) []program {
	return slices.DeleteFunc(slices.Clone(ps), func(p program) bool { return fixes[p.name].old == "" })
}

// fixedOneCopy is for exhausting: a thousand copies have more schedules than can be run.
func fixedOneCopy(p *program, text string) (string, error) {
	text, err := oneCopy(p, text)
	if err != nil {
		return "", err
	}
	return fix(p, text)
}
