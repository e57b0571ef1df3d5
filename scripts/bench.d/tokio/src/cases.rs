//! Each case runs COUNT operations on a fresh runtime and says what they took.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

const YIELDERS: u64 = 1000;
const CAPACITY: usize = 256;
const BATCH: u64 = 128;
const LIVE: u64 = 1_000_000;

// ---- clocks, memory ----

#[repr(C)]
struct Timespec {
    sec: i64,
    nsec: i64,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Mallinfo2 {
    /// arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost
    fields: [usize; 10],
}

extern "C" {
    fn clock_gettime(clock: i32, now: *mut Timespec) -> i32;
    fn mallinfo2() -> Mallinfo2;
}

const MONOTONIC: i32 = 1;
const PROCESS: i32 = 2;

fn clock_ns(clock: i32) -> u64 {
    let mut now = Timespec { sec: 0, nsec: 0 };
    assert_eq!(unsafe { clock_gettime(clock, &mut now) }, 0);
    now.sec as u64 * 1_000_000_000 + now.nsec as u64
}

fn process_ns() -> u64 {
    clock_ns(PROCESS)
}

fn allocated() -> u64 {
    let info = unsafe { mallinfo2() };
    (info.fields[7] + info.fields[4]) as u64
}

// ---- running ----

/// One task on a fresh runtime; what it took.
fn run_root<F>(flavour: &str, clock: i32, root: F) -> u64
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let runtime = crate::runtime(flavour);
    let before = clock_ns(clock);
    let root = runtime.spawn(root);
    let _ = runtime.block_on(root).expect("the root");
    clock_ns(clock) - before
}

/// Two tasks.
fn run_both<A, B>(flavour: &str, first: A, second: B) -> u64
where
    A: Future<Output = ()> + Send + 'static,
    B: Future<Output = ()> + Send + 'static,
{
    let runtime = crate::runtime(flavour);
    let before = process_ns();
    let tasks = [runtime.spawn(first), runtime.spawn(second)];
    for task in tasks {
        runtime.block_on(task).expect("a task");
    }
    process_ns() - before
}

async fn join_all(handles: Vec<JoinHandle<()>>) {
    for handle in handles {
        handle.await.expect("a task");
    }
}

// ---- tasks ----

async fn spawn_and_join(count: u64) {
    join_all((0..count).map(|_| tokio::spawn(async {})).collect()).await;
}

async fn spawn_and_await(count: u64) {
    for _ in 0..count {
        tokio::spawn(async {}).await.expect("a task");
    }
}

async fn yield_many(yields: u64) {
    for _ in 0..yields {
        tokio::task::yield_now().await;
    }
}

async fn crowd(count: u64) {
    join_all((0..YIELDERS).map(|_| tokio::spawn(yield_many(count / YIELDERS))).collect()).await;
}

// ---- wakes ----

struct Table {
    wakers: [Option<Waker>; 2],
    turn: usize,
}

/// Takes a turn if it is ours, and wakes the other.
struct Player {
    table: Arc<Mutex<Table>>,
    me: usize,
    left: u64,
}

impl Future for Player {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let me = self.me;
        let mut left = self.left;
        let mut other = None;
        {
            let mut table = self.table.lock().unwrap();
            if table.turn % 2 == me {
                table.turn += 1;
                left -= 1;
                other = table.wakers[1 - me].take();
            }
            if left > 0 {
                let is_same = matches!(&table.wakers[me], Some(old) if old.will_wake(context.waker()));
                if !is_same {
                    table.wakers[me] = Some(context.waker().clone());
                }
            }
        }
        self.left = left;
        if let Some(other) = other {
            other.wake();
        }
        if left > 0 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

fn wake(flavour: &str, clock: i32, in_task: bool, count: u64) -> u64 {
    let table = Arc::new(Mutex::new(Table { wakers: [None, None], turn: 0 }));
    let runtime = crate::runtime(flavour);
    let player = |me| Player { table: table.clone(), me, left: count / 2 };
    let (first, second) = (player(0), player(1));
    let before = clock_ns(clock);
    let second = runtime.spawn(second);
    if in_task {
        let first = runtime.spawn(first);
        runtime.block_on(first).expect("a task");
    } else {
        runtime.block_on(first);
    }
    runtime.block_on(second).expect("a task");
    clock_ns(clock) - before
}

// ---- timers ----

fn delay(i: u64) -> Duration {
    Duration::from_millis(1000 + i % 1000 * 30)
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) {
    std::future::poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await
}

async fn timers(live: u64, moves: bool, count: u64) -> u64 {
    let mut sleeps = Vec::with_capacity(live as usize);
    for i in 0..live {
        let mut sleep = Box::pin(tokio::time::sleep(delay(i)));
        poll_once(sleep.as_mut()).await;
        sleeps.push(sleep);
    }
    let now = tokio::time::Instant::now();
    let before = process_ns();
    for i in 0..count {
        if moves {
            let deadline = now + Duration::from_nanos(20_000_000_000 + i * 100);
            sleeps[(i % live) as usize].as_mut().reset(deadline);
        } else {
            let sleep = tokio::time::sleep(delay(live));
            tokio::pin!(sleep);
            poll_once(sleep.as_mut()).await;
        }
    }
    process_ns() - before
}

fn run_timers(flavour: &str, live: u64, moves: bool, count: u64) -> u64 {
    crate::runtime(flavour).block_on(async move { tokio::spawn(timers(live, moves, count)).await.expect("timers") })
}

/// A task a timer, all of them due within a few milliseconds.
async fn alarm(count: u64) {
    let now = tokio::time::Instant::now();
    let deadline = |i: u64| now + Duration::from_nanos(1_000_000 + i % 1000 * 1000);
    join_all((0..count).map(|i| tokio::spawn(tokio::time::sleep_until(deadline(i)))).collect()).await;
}

// ---- values ----

async fn sink(mut receiver: mpsc::Receiver<u64>) {
    while receiver.recv().await.is_some() {}
}

fn bounded(flavour: &str, count: u64) -> u64 {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    let source = async move {
        for value in 0..count {
            sender.send(value).await.expect("a receiver");
        }
    };
    run_both(flavour, source, sink(receiver))
}

fn unbounded(flavour: &str, count: u64) -> u64 {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let source = async move {
        for value in 0..count {
            sender.send(value).expect("a receiver");
            if value % BATCH == 0 {
                tokio::task::yield_now().await;
            }
        }
    };
    let sink = async move { while receiver.recv().await.is_some() {} };
    run_both(flavour, source, sink)
}

fn there_and_back(flavour: &str, count: u64) -> u64 {
    let (ask, mut asked) = mpsc::channel(1);
    let (reply, mut replied) = mpsc::channel(1);
    let first = async move {
        for value in 0..count {
            ask.send(value).await.expect("a receiver");
            replied.recv().await.expect("a reply");
        }
    };
    let second = async move {
        while let Some(value) = asked.recv().await {
            let _ = reply.send(value).await;
        }
    };
    run_both(flavour, first, second)
}

fn request(flavour: &str, count: u64) -> u64 {
    let (ask, mut asked) = mpsc::channel::<oneshot::Sender<i32>>(1);
    let first = async move {
        for _ in 0..count {
            let (question, answer) = oneshot::channel();
            ask.send(question).await.expect("a receiver");
            answer.await.expect("an answer");
        }
    };
    let second = async move {
        while let Some(question) = asked.recv().await {
            question.send(42).expect("an asker");
        }
    };
    run_both(flavour, first, second)
}

fn mutex(flavour: &str, count: u64) -> u64 {
    let mutex = Arc::new(tokio::sync::Mutex::new(()));
    let rival = |mutex: Arc<tokio::sync::Mutex<()>>| async move {
        for _ in 0..count / 2 {
            let _guard = mutex.lock().await;
            tokio::task::yield_now().await;
        }
    };
    run_both(flavour, rival(mutex.clone()), rival(mutex))
}

// ---- sizes ----

/// Bytes of COUNT tasks that wait, as the allocator counts them.
async fn idle_tasks(count: u64) -> u64 {
    let mut handles = Vec::with_capacity(count as usize);
    let before = allocated();
    for _ in 0..count {
        handles.push(tokio::spawn(std::future::pending::<()>()));
    }
    tokio::task::yield_now().await;
    allocated() - before
}

// ---- all of it ----

pub fn run(name: &str, flavour: &str, count: u64) -> u64 {
    match name {
        "spawn-join" => run_root(flavour, PROCESS, spawn_and_join(count)),
        "spawn-await" => run_root(flavour, PROCESS, spawn_and_await(count)),
        "yield" => run_root(flavour, PROCESS, crowd(count)),
        "wake-task" => wake(flavour, PROCESS, true, count),
        "wake-thread" => wake(flavour, MONOTONIC, false, count),
        "timer-set" => run_timers(flavour, 1, false, count),
        "timer-set-many" => run_timers(flavour, LIVE, false, count),
        "timer-move" => run_timers(flavour, LIVE, true, count),
        "timer-fire" => run_root(flavour, PROCESS, alarm(count)),
        "mpsc-bounded" => bounded(flavour, count),
        "mpsc-unbounded" => unbounded(flavour, count),
        "mpsc-back" => there_and_back(flavour, count),
        "oneshot" => request(flavour, count),
        "mutex" => mutex(flavour, count),
        "size-task" => crate::runtime(flavour)
            .block_on(async move { tokio::spawn(idle_tasks(count)).await.expect("tasks") }),
        "size-timer" => std::mem::size_of::<tokio::time::Sleep>() as u64 * count,
        _ => panic!("no case {}", name),
    }
}
