// SPDX-License-Identifier: MIT

// Like threads.go, but with cgo: the C library makes the threads, and each has its own stack.
package main

/*
#include "report.h"

static void tell(void)
{
	report_stack("cgo");
	fflush(stdout);
}

static void wait_for_ever(void)
{
	for (;;)
		pause();
}
*/
import "C"

import (
	"os"
	"runtime"
	"sync"
)

func main() {
	var told sync.WaitGroup

	runtime.LockOSThread()
	for i := 0; i < 8; i++ {
		told.Add(1)
		go func() {
			runtime.LockOSThread()
			C.tell()
			told.Done()
			C.wait_for_ever()
		}()
	}
	told.Wait()
	os.Stdout.WriteString("READY\n")
	os.Stdin.Read(make([]byte, 1))
}
