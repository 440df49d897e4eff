//! Serving HTTP on a listener. `axum::serve` waits for ever for a head that never ends; here somebody who sends slowly is let go.

use std::{convert::Infallible, net::SocketAddr, pin::pin, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// How long the head of a request may take. The time in which a connection lies idle counts, so it is longer than proxies keep one (a
/// minute): whoever keeps it ends it, and no request meets a connection that is just being closed.
pub const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// Serves until told to stop; returns when the requests under way then are answered.
pub async fn serve(listener: TcpListener, router: Router, head_within: Duration, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(connection(stream, peer, router.clone(), head_within, stop.clone()));
            }
            // Out of file descriptors, usually: those in use come back.
            Err(error) if !is_of_one_connection(&error) => {
                tracing::error!(%error, "http.not_accepted");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(_) => {}
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as K;
    matches!(error.kind(), K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head_within: Duration,
    stop: CancellationToken,
) {
    // Answers are small and written at once.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        answer(router.clone(), request)
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_within);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(head_within).keep_alive_timeout(head_within);
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let mut stopping = pin!(stop.cancelled());
    let mut told = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "http.connection_ended");
                }
                return;
            }
            () = &mut stopping, if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(router: Router, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    router.oneshot(request.map(Body::new)).await
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn started(head_within: Duration) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let address = listener.local_addr().expect("address");
        let slow = get(async || {
            tokio::time::sleep(Duration::from_millis(400)).await;
            "done"
        });
        let peer = get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string());
        let router = Router::new().route("/slow", slow).route("/", peer);
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve(listener, router, head_within, stop.clone()));
        (address, stop, served)
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut all = Vec::new();
        drop(tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await.expect("it ends"));
        String::from_utf8_lossy(&all).into_owned()
    }

    #[tokio::test]
    async fn who_never_ends_the_head_is_let_go_and_others_are_answered() {
        let (address, stop, served) = started(Duration::from_millis(300)).await;
        let mut slow = TcpStream::connect(address).await.expect("connect");
        slow.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow").await.expect("write");
        let mut quick = TcpStream::connect(address).await.expect("connect");
        quick.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("write");
        assert!(rest(quick).await.ends_with("127.0.0.1"), "the peer is known");
        assert!(!rest(slow).await.contains("200 OK"));
        stop.cancel();
        served.await.expect("served");
    }

    #[tokio::test]
    async fn requests_under_way_are_answered_before_it_stops() {
        let (address, stop, served) = started(Duration::from_secs(60)).await;
        let mut stream = TcpStream::connect(address).await.expect("connect");
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("write");
        let idle = TcpStream::connect(address).await.expect("connect");
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.cancel();
        assert!(rest(stream).await.ends_with("done"));
        drop(idle);
        tokio::time::timeout(Duration::from_secs(10), served).await.expect("stops").expect("served");
    }
}
