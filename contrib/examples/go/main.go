// SPDX-License-Identifier: Apache-2.0

// A net/http server that takes its socket from LISTEN_FDS (sd_listen_fds(3))
// and, started by hand, binds one itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// The first inherited socket is descriptor 3.
const firstListenFD = 3

func listen() (net.Listener, error) {
	pid, _ := strconv.Atoi(os.Getenv("LISTEN_PID"))
	count, _ := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if pid != os.Getpid() || count < 1 {
		return net.Listen("tcp", "127.0.0.1:8090")
	}
	file := os.NewFile(firstListenFD, "listen")
	defer file.Close() // FileListener has its own duplicate
	return net.FileListener(file)
}

// tell sends one line to NOTIFY_SOCKET (sd_notify(3)); without one it is a
// no-op.
func tell(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	conn, err := net.Dial("unixgram", path)
	if err != nil {
		log.Printf("cannot notify %s: %v", path, err)
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, state)
}

func main() {
	listener, err := listen()
	if err != nil {
		log.Fatalf("cannot listen: %v", err)
	}
	server := &http.Server{Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "hello from pid %d\n", os.Getpid())
		})}

	stopped, cancel := signal.NotifyContext(context.Background(),
		syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	done := make(chan struct{})
	go func() {
		<-stopped.Done()
		limit, cancel := context.WithTimeout(context.Background(),
			30*time.Second)
		defer cancel()
		_ = server.Shutdown(limit)
		close(done)
	}()

	tell("READY=1")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatalf("cannot serve: %v", err)
	}
	<-done
}
