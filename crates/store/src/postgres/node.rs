use crate::{Fault, Tx, batch::Waiting};
use tokio::sync::mpsc;
pub(crate) struct Node(mpsc::Sender<Box<Waiting>>);
impl Node {
    pub(crate) async fn start(_: &str) -> Result<Self, Fault> {
        Err(Fault::Unusable("PostgreSQL is not supported yet".into()))
    }
    pub(crate) fn postings(&self) -> &mpsc::Sender<Box<Waiting>> {
        &self.0
    }
    pub(crate) async fn close(&self) {}
    pub(crate) async fn write<T, E: From<Fault>, F: AsyncFn(&mut Tx<'_>) -> Result<T, E>>(&self, _: F) -> Result<T, E> {
        Err(Fault::Closed.into())
    }
}
