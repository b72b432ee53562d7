// SPDX-License-Identifier: MIT

// A Go program whose OS threads wait in the kernel: Go keeps their stacks in
// its own heap.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
)

func main() {
	var told sync.WaitGroup
	var pipe [2]int

	if err := syscall.Pipe(pipe[:]); err != nil {
		panic(err)
	}
	for i := 0; i < 8; i++ {
		told.Add(1)
		go func() {
			runtime.LockOSThread()
			fmt.Println("go", syscall.Gettid())
			told.Done()
			syscall.Read(pipe[0], make([]byte, 1))
		}()
	}
	told.Wait()
	fmt.Println("READY")
	os.Stdin.Read(make([]byte, 1))
}
