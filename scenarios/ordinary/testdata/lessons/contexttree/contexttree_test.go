package contexttree

import (
	"context"
	"testing"
)

// Contexts form a tree. Canceling one cancels everything below it, and nothing beside or above it.
func TestContextTree(t *testing.T) {
	server, stop := context.WithCancel(context.Background())
	ann, hangUp := context.WithCancel(server) // each request has a context below the server's
	ben, cancel := context.WithCancel(server)
	defer cancel()

	annEnded, benEnded := make(chan struct{}), make(chan struct{})
	go serve(ann, annEnded)
	go serve(ben, benEnded)

	// Ann hangs up: only her request ends.
	hangUp()
	<-annEnded
	if server.Err() != nil || ben.Err() != nil {
		t.Error("one request has ended others")
	}

	// The server stops: whatever is still below it ends as well.
	stop()
	<-benEnded
	if ben.Err() == nil {
		t.Error("a request goes on without the server")
	}
}

// serve works on a request until its context ends. Whatever it calls gets ctx, or a context below it.
func serve(ctx context.Context, ended chan<- struct{}) {
	<-ctx.Done()
	close(ended)
}
