// SPDX-License-Identifier: MIT

// A Go program that reports where its own code and data are; see truth.h for the format.
package main

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"unsafe"
)

var initialised = [5000]byte{1}
var zeros [300000]byte

//go:noinline
func function(x byte) byte {
	return initialised[0] + zeros[0] + x
}

func tell(address uintptr, kind, what string) {
	fmt.Printf("%#x %s %s %s\n", address, kind, what, os.Args[0])
}

func main() {
	tell(reflect.ValueOf(function).Pointer(), "text", "function")
	tell(uintptr(unsafe.Pointer(&initialised[0])), "data", "initialised")
	tell(uintptr(unsafe.Pointer(&initialised[len(initialised)-1])), "data", "initialised-end")
	tell(uintptr(unsafe.Pointer(&zeros[0])), "bss", "zeros")
	tell(uintptr(unsafe.Pointer(&zeros[len(zeros)-1])), "bss", "zeros-end")
	fmt.Println("READY")
	io.Copy(io.Discard, os.Stdin)
}
