//! The cells of the report: which books, under which load.

use std::sync::Arc;

use benches::{Failure, Scratch};

use crate::books::Books;
use crate::load::Sample;
use crate::naive_postgres::NaivePostgres;
use crate::naive_sqlite::NaiveSqlite;
use crate::options::{Kind, Options, ShapeName, Way};
use crate::request::Shape;
use crate::tare::Tare;

/// What the side with two nodes on one database is called.
pub const TWO_NODES: &str = ", two nodes";

/// What the naive side is called that has a connection for each caller, where 64 call.
pub const A_CONNECTION_EACH: &str = ", 64 connections";

/// Books that are open, and what was asked of them.
pub struct Side {
    /// On what.
    pub kind: Kind,
    /// How.
    pub way: Way,
    /// What tells it from others of its kind: nodes, connections.
    pub detail: &'static str,
    /// The books.
    pub books: Arc<Books>,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// One load on one side, and what each round measured.
pub struct Cell {
    /// Whose requests.
    pub shape: Shape,
    /// How many at once.
    pub in_flight: usize,
    /// One for each round.
    pub samples: Vec<Sample>,
}

impl Side {
    fn new(kind: Kind, way: Way, detail: &'static str, books: Books, options: &Options) -> Self {
        let shapes = [(ShapeName::Hot, Shape::Hot), (ShapeName::Spread, Shape::Spread(options.wallets))];
        let wanted = shapes.into_iter().filter(|(name, _)| options.shape.is_none_or(|only| only == *name));
        let cells = wanted.flat_map(|(_, shape)| {
            options.in_flight.iter().map(move |&in_flight| Cell { shape, in_flight, samples: Vec::new() })
        });
        Self { kind, way, detail, cells: cells.collect(), books: Arc::new(books) }
    }

    /// What it is called.
    pub fn name(&self) -> String {
        let way = match self.way {
            Way::Naive => "naive",
            Way::Tare => "Tare",
        };
        format!("{way}{}", self.detail)
    }
}

impl Kind {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Opens all books that were asked for, with their wallets.
pub async fn open(options: &Options, scratch: &mut Scratch, tell: impl Fn(&str)) -> Result<Vec<Side>, Failure> {
    let wallets = options.wallets + 1;
    let is_wanted = |way| options.only.is_none_or(|only| only == way);
    let mut sides = Vec::new();
    if options.wants(Kind::Sqlite) {
        if is_wanted(Way::Naive) {
            let books = NaiveSqlite::open(&scratch.sqlite("naive"), wallets)?;
            sides.push(Side::new(Kind::Sqlite, Way::Naive, "", Books::NaiveSqlite(books), options));
        }
        if is_wanted(Way::Tare) {
            tell("signing people up on SQLite");
            let books = Tare::sqlite(&scratch.sqlite("tare")).await?;
            books.sign_up(0, wallets).await?;
            sides.push(Side::new(Kind::Sqlite, Way::Tare, "", Books::Tare(books), options));
        }
    }
    if let Some(postgres) = scratch.postgres.as_mut().filter(|_| options.wants(Kind::Postgres)) {
        let server = postgres.server;
        if is_wanted(Way::Naive) {
            let url = postgres.database("naive").await?;
            NaivePostgres::create(&url, wallets).await?;
            for (connections, detail) in [(16, ", 16 connections"), (64, A_CONNECTION_EACH)] {
                let books = Books::NaivePostgres(NaivePostgres::open(&url, connections, server).await?);
                sides.push(Side::new(Kind::Postgres, Way::Naive, detail, books, options));
            }
        }
        if is_wanted(Way::Tare) {
            tell("signing people up on PostgreSQL");
            let url = postgres.database("tare").await?;
            let books = Tare::postgres(&url, 1, server).await?;
            books.sign_up(0, wallets).await?;
            sides.push(Side::new(Kind::Postgres, Way::Tare, "", Books::Tare(books), options));
            let books = Books::Tare(Tare::postgres(&url, 2, server).await?);
            let mut two = Side::new(Kind::Postgres, Way::Tare, TWO_NODES, books, options);
            two.cells.retain(|cell| cell.shape == Shape::Hot);
            sides.push(two);
        }
    }
    Ok(sides)
}
