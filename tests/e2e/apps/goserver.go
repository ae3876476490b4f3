// SPDX-License-Identifier: Apache-2.0

// A net/http server as they are written for systemd: LISTEN_FDS, READY=1,
// Shutdown on SIGTERM. The standard library alone.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func listen() (net.Listener, error) {
	count, _ := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	pid, _ := strconv.Atoi(os.Getenv("LISTEN_PID"))
	if count < 1 || pid != os.Getpid() {
		return nil, fmt.Errorf("no socket: LISTEN_FDS=%d LISTEN_PID=%d",
			count, pid)
	}
	return net.FileListener(os.NewFile(3, "web"))
}

func notify(text string) {
	conn, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err != nil {
		return
	}
	conn.Write([]byte(text))
	conn.Close()
}

func main() {
	listener, err := listen()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := &http.Server{Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "pid %d\n", os.Getpid())
		})}
	done := make(chan bool)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		<-signals
		ctx, cancel := context.WithTimeout(context.Background(),
			10*time.Second)
		defer cancel()
		server.Shutdown(ctx)
		close(done)
	}()
	notify("READY=1")
	if err := server.Serve(listener); err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	<-done
}
