//! The thread in which all of the page happens: events are gathered, parts are made and connections are served apart from the run, which
//! has its own threads.

use std::{
    io,
    net::{self, SocketAddr},
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::watch,
    time::timeout,
};

use crate::{
    Limits,
    connection::Door,
    guard::Guard,
    inbox::{Inbox, Told},
    routes::routes,
    viewers::Gallery,
};

/// Tells when the page is gone.
#[derive(Debug)]
pub(crate) struct Gone(std::sync::mpsc::Receiver<()>);

impl Gone {
    /// Waits for it, at most so long.
    pub(crate) fn wait(&self, patience: Duration) {
        // That nobody can tell it any more means the same.
        let _ = self.0.recv_timeout(patience);
    }
}

/// Starts the thread.
pub(crate) fn start(
    listener: net::TcpListener,
    guard: Arc<Guard>,
    inbox: Inbox,
    limits: Limits,
) -> io::Result<Gone> {
    listener.set_nonblocking(true)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener)?
    };
    let (sender, gone) = sync_channel(1);
    thread::Builder::new()
        .name("dashboard".to_owned())
        .spawn(move || run(&runtime, listener, guard, inbox, limits, &sender))?;
    Ok(Gone(gone))
}

fn run(
    runtime: &Runtime,
    listener: TcpListener,
    guard: Arc<Guard>,
    inbox: Inbox,
    limits: Limits,
    gone: &SyncSender<()>,
) {
    runtime.block_on(serve(listener, guard, inbox, limits));
    // Nobody may be waiting any more.
    let _ = gone.try_send(());
}

/// Serves the page until the run is over and all who look have been told so, or do not read it.
async fn serve(listener: TcpListener, guard: Arc<Guard>, inbox: Inbox, limits: Limits) {
    let gallery = Gallery::new(&limits);
    let routes = routes(Arc::clone(&gallery), guard, limits);
    let over = watch::Sender::new(false);
    let mut told = over.subscribe();
    let ending = async move {
        let _ = told.wait_for(|over| *over).await;
    };
    let server = axum::serve(Door::new(listener, &limits), routes).with_graceful_shutdown(ending);
    let looking = tokio::spawn({
        let gallery = Arc::clone(&gallery);
        async move { gallery.keep_looking().await }
    });
    let server = tokio::spawn(async move { server.await });
    gather(inbox, &gallery).await;
    looking.abort();
    over.send_replace(true);
    // What is not read by then is cut off with the thread.
    let _ = timeout(limits.farewell, server).await;
}

/// Takes in what is told until nothing more comes, and has it looked at for the last time.
async fn gather(mut inbox: Inbox, gallery: &Gallery) {
    while let Told::Event(event) = inbox.next().await {
        let mut board = gallery.board();
        board.event(&event);
        board.left_out(inbox.left_out());
    }
    gallery.board().over();
    // Those who look keep what they have if it cannot be made.
    let _ = gallery.look();
}

/// Where it listens.
pub(crate) fn bind(address: SocketAddr) -> io::Result<(net::TcpListener, SocketAddr)> {
    let listener = net::TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
