// SPDX-License-Identifier: MIT
//! Functions whose names Rust has to mangle.
use std::collections::BTreeMap;
use std::io::Read;

mod inner {
    pub trait Shape {
        fn area(&self) -> u32;
    }

    pub struct Square<T>(pub T);

    impl<T: Into<u32> + Copy> Shape for Square<T> {
        #[inline(never)]
        fn area(&self) -> u32 {
            self.0.into() * self.0.into()
        }
    }
}

#[inline(never)]
fn apply<F: Fn(&str) -> usize>(f: F) -> usize {
    f("text")
}

fn main() {
    use inner::Shape;
    let mut sizes = BTreeMap::new();
    sizes.insert("side", inner::Square(7u8).area());
    println!("{}\nREADY", apply(|text| text.len() + sizes.len()));
    let _ = std::io::stdin().read(&mut [0]);
}
