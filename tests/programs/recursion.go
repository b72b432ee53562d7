// SPDX-License-Identifier: MIT

// A recursion that tells the thread which it runs on, and never ends: so that it stays on it.
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
