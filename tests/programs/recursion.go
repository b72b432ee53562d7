// SPDX-License-Identifier: MIT

// A recursion that prints the ID of its thread and never ends, so it stays on that thread.
package main

import (
	"fmt"
	"runtime"
	"syscall"
)

var sink int

//go:noinline
func down(depth int) int {
	for depth == 0 {
		sink++
	}
	return down(depth-1) + 1
}

func main() {
	runtime.LockOSThread()
	fmt.Println(syscall.Gettid())
	fmt.Println("READY")
	down(7)
}
