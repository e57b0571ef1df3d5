//! An echo server with a task a connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PIECE_LEN: usize = 1024;

async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut piece = [0; PIECE_LEN];
    loop {
        let len = stream.read(&mut piece).await?;
        if len == 0 {
            return Ok(());
        }
        stream.write_all(&piece[..len]).await?;
    }
}

async fn accept() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(echo(stream));
    }
}

pub fn serve(flavour: &str) {
    let runtime = crate::runtime(flavour);
    let server = runtime.spawn(accept());
    runtime.block_on(server).expect("the server").expect("listening");
}
