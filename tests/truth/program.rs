// SPDX-License-Identifier: MIT

//! A Rust program that reports where its own code and data are; see truth.h for the format.

use std::cell::UnsafeCell;
use std::io::{self, Read, Write};

const SIZE: usize = 5000;

/// Bytes that may change behind a shared reference, so they must lie in writable memory.
struct Bytes(UnsafeCell<[u8; SIZE]>);
unsafe impl Sync for Bytes {}

static CONSTANTS: [u8; SIZE] = [1; SIZE];
static INITIALISED: Bytes = Bytes(UnsafeCell::new([1; SIZE]));
static ZEROS: Bytes = Bytes(UnsafeCell::new([0; SIZE]));

#[inline(never)]
fn function() -> usize {
    SIZE
}

fn main() {
    let path = std::env::args().next().unwrap();
    let tell = |address: usize, kind: &str, what: &str| {
        println!("{:#x} {} {} {}", address, kind, what, path);
    };
    let last = function() - 1;

    tell(function as fn() -> usize as usize, "text", "function");
    tell(CONSTANTS.as_ptr() as usize, "rodata", "constants");
    tell(CONSTANTS.as_ptr() as usize + last, "rodata", "constants-end");
    tell(INITIALISED.0.get() as usize, "data", "initialised");
    tell(INITIALISED.0.get() as usize + last, "data", "initialised-end");
    tell(ZEROS.0.get() as usize, "bss", "zeros");
    tell(ZEROS.0.get() as usize + last, "bss", "zeros-end");
    println!("READY");
    io::stdout().flush().unwrap();
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
