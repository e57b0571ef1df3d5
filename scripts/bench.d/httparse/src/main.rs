//! Heads of requests parsed by httparse, as bench_http_parse.c has its own parsed.
//!
//!   bench_httparse                lines "COUNT LEN", each followed by LEN bytes of a request, from stdin; the ns of COUNT
//!                                 parses, all of them, to stdout
//!   bench_httparse FILE COUNT     the request in that file

use std::hint::black_box;
use std::io::{BufRead, Read, Write};
use std::time::Duration;

const FIELDS_MAX: usize = 16;

/// Processor time of this thread.
fn cpu_now() -> Duration {
    let mut time = Timespec { sec: 0, nsec: 0 };
    const CLOCK_THREAD_CPUTIME_ID: i32 = 3;
    // SAFETY: the structure has the layout that Linux on 64 bits writes.
    assert_eq!(unsafe { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mut time) }, 0);
    Duration::new(time.sec as u64, time.nsec as u32)
}

#[repr(C)]
struct Timespec {
    sec: i64,
    nsec: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

fn parse(bytes: &[u8]) -> usize {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(len)) => len,
        other => panic!("{:?}", other),
    }
}

fn run(bytes: &[u8], count: u64) -> u128 {
    let start = cpu_now();
    for _ in 0..count {
        black_box(parse(black_box(bytes)));
    }
    (cpu_now() - start).as_nanos()
}

fn answer_lines() {
    let mut input = std::io::stdin().lock();
    let mut line = String::new();
    while input.read_line(&mut line).expect("a line") != 0 {
        let words: Vec<u64> = line.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let mut bytes = vec![0; words[1] as usize];
        input.read_exact(&mut bytes).expect("a request");
        println!("{}", run(&bytes, words[0]));
        std::io::stdout().flush().expect("stdout");
        line.clear();
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.as_slice() {
        [] => answer_lines(),
        [file, count] => {
            let bytes = std::fs::read(file).expect("a file");
            println!("{}", run(&bytes, count.parse().expect("a count")));
        }
        _ => panic!("FILE COUNT"),
    }
}
