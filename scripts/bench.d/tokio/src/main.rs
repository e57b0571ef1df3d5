//! The operations that bench_runtime.c measures, on tokio: the same names, the same counts, the same clocks.
//!
//!   bench_tokio                        lines "NAME one|two COUNT" from stdin; the ns of each, all COUNT, to stdout
//!   bench_tokio NAME one|two COUNT     one of them
//!   bench_tokio echo one|two           an echo server on a port of the system's choice

mod cases;
mod echo;

use std::io::{BufRead, Write};
use tokio::runtime::{Builder, Runtime};

pub fn runtime(flavour: &str) -> Runtime {
    let mut builder = match flavour {
        "one" => Builder::new_current_thread(),
        "two" => Builder::new_multi_thread(),
        _ => panic!("no flavour {}", flavour),
    };
    builder.worker_threads(2).enable_all().build().expect("a runtime")
}

fn answer(words: &[&str]) -> u64 {
    match words {
        [name, flavour, count] => cases::run(name, flavour, count.parse().expect("a count")),
        _ => panic!("NAME one|two COUNT"),
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => {
            for line in std::io::stdin().lock().lines() {
                let line = line.expect("a line");
                println!("{}", answer(&line.split(' ').collect::<Vec<_>>()));
                std::io::stdout().flush().expect("stdout");
            }
        }
        ["echo", flavour] => echo::serve(flavour),
        words => println!("{}", answer(words)),
    }
}
