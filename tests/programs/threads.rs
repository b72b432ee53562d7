// SPDX-License-Identifier: MIT

//! A Rust program that prints where its threads' stacks are, in the format of report.h, and the
//! stacks that its signal handlers run on, in lines "alternate TID START END".

use std::io::{self, Read, Write};
use std::sync::{Arc, Barrier};
use std::thread;

#[repr(C)]
struct Alternate {
    address: usize,
    flags: i32,
    size: usize,
}

extern "C" {
    fn gettid() -> i32;
    fn pthread_self() -> usize;
    fn pthread_getattr_np(thread: usize, attr: *mut u64) -> i32;
    fn pthread_attr_getstack(attr: *const u64, start: *mut usize, size: *mut usize) -> i32;
    fn pthread_attr_getguardsize(attr: *const u64, size: *mut usize) -> i32;
    fn sigaltstack(new: *const Alternate, old: *mut Alternate) -> i32;
}

fn tell(what: &str) {
    let mut attr = [0u64; 16];
    let (mut start, mut size, mut guard) = (0, 0, 0);
    let mut alternate = Alternate { address: 0, flags: 0, size: 0 };

    unsafe {
        assert_eq!(pthread_getattr_np(pthread_self(), attr.as_mut_ptr()), 0);
        pthread_attr_getstack(attr.as_ptr(), &mut start, &mut size);
        pthread_attr_getguardsize(attr.as_ptr(), &mut guard);
        assert_eq!(sigaltstack(std::ptr::null(), &mut alternate), 0);
        let (tid, control) = (gettid(), pthread_self());
        let local = attr.as_ptr() as usize;
        println!("stack {tid} {start:#x} {:#x} {guard} {local:#x} {control:#x} {what}", start + size);
        println!("alternate {tid} {:#x} {:#x}", alternate.address, alternate.address + alternate.size);
    }
}

fn main() {
    let all_told = Arc::new(Barrier::new(9));

    for _ in 0..8 {
        let all_told = all_told.clone();
        thread::spawn(move || {
            tell("rust");
            all_told.wait();
            loop {
                thread::park();
            }
        });
    }
    all_told.wait();
    tell("main");
    println!("READY");
    io::stdout().flush().unwrap();
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
