//! The cache, spoken to by a client that was made for Redis, and by hand.

use assay_reference::cache::{Options, start};
use redis::AsyncCommands;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::child::Process;

#[tokio::test]
async fn a_client_for_redis_works_with_it() {
    let cache = start(Options {
        listen: "127.0.0.1:0".parse().unwrap(),
    })
    .unwrap();
    let client = redis::Client::open(format!("redis://{}", cache.address())).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let value = vec![0_u8, 13, 10, 255];
    let (): () = connection.set("k", &value).await.unwrap();
    assert_eq!(connection.get::<_, Vec<u8>>("k").await.unwrap(), value);
    let (): () = connection.set_ex("e", "v", 100).await.unwrap();
    assert_eq!(connection.ttl::<_, i64>("e").await.unwrap(), 100);
    assert_eq!(
        connection.exists::<_, i64>(&["k", "e", "n"]).await.unwrap(),
        2
    );
    assert_eq!(connection.del::<_, i64>("k").await.unwrap(), 1);
    assert_eq!(
        connection.get::<_, Option<String>>("k").await.unwrap(),
        None
    );
    let mut pipeline = redis::pipe();
    for number in 0..1_000 {
        pipeline.set(number, number);
    }
    let replies: Vec<String> = pipeline.query_async(&mut connection).await.unwrap();
    assert_eq!(replies.len(), 1_000);
    let error = redis::cmd("NONSENSE")
        .query_async::<()>(&mut connection)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("unknown command"), "{error}");
    cache.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_no_resp_gets_an_error_and_a_closed_connection() {
    let cache = start(Options {
        listen: "127.0.0.1:0".parse().unwrap(),
    })
    .unwrap();
    let mut stream = TcpStream::connect(cache.address()).await.unwrap();
    stream.write_all(b"PING\r\n*1\r\n$x\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert_eq!(
        text,
        "+PONG\r\n-ERR Protocol error: invalid bulk length\r\n"
    );
}

#[tokio::test]
async fn a_signal_ends_it_although_connections_are_open() {
    let process = Process::start(&["cache", "--listen", "127.0.0.1:0"]).await;
    let mut stream = TcpStream::connect(process.address).await.unwrap();
    stream.write_all(b"PING\r\n").await.unwrap();
    let mut pong = [0; 7];
    stream.read_exact(&mut pong).await.unwrap();
    process.signal("TERM").await;
    assert!(process.end().await.0.success());
    assert_eq!(stream.read(&mut pong).await.unwrap(), 0);
}
