//! The table of routes: a route enters it and the router by the same call, so that neither can know of one that the
//! other does not.

use axum::{
    Router,
    handler::Handler,
    routing::{get, post},
};

use crate::doors::Doors;

/// One route as the table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with names in braces.
    pub path: String,
}

/// Routes that are being put together.
#[derive(Default)]
pub(crate) struct Routes {
    pub(crate) router: Router<Doors>,
    pub(crate) table: Vec<Route>,
}

impl Routes {
    pub(crate) fn get<T: 'static>(mut self, path: &str, handler: impl Handler<T, Doors>) -> Self {
        self.router = self.router.route(path, get(handler));
        self.table.push(Route { method: "GET", path: path.to_owned() });
        self
    }

    pub(crate) fn post<T: 'static>(mut self, path: &str, handler: impl Handler<T, Doors>) -> Self {
        self.router = self.router.route(path, post(handler));
        self.table.push(Route { method: "POST", path: path.to_owned() });
        self
    }
}
