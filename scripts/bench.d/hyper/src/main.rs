//! A server of HTTP/1.1 on hyper, on one thread of tokio, with a task a connection.
//!
//!   bench_hyper PORT [flush]     flush: answers to requests that came together leave together (pipeline_flush)

use std::convert::Infallible;

use hyper::header::{HeaderValue, CONTENT_TYPE};
use hyper::server::conn::Http;
use hyper::service::service_fn;
use hyper::{Body, Request, Response};
use tokio::net::TcpListener;

async fn answer(_request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Body::from("Hello, World"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    Ok(response)
}

async fn serve(port: u16, flush: bool) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let mut http = Http::new();
    http.http1_only(true).pipeline_flush(flush);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = http.serve_connection(stream, service_fn(answer));
        // A connection that its peer resets is no matter.
        tokio::spawn(async move { drop(connection.await) });
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let (port, flush) = match words.as_slice() {
        [port] => (port, false),
        [port, "flush"] => (port, true),
        _ => panic!("PORT [flush]"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(serve(port.parse().expect("a port"), flush)).expect("listening");
}
