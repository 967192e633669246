//! Where the data is.

use std::fmt;
use std::path::PathBuf;

/// The address of a database.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file. It is made when it does not exist.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, which must exist.
    Postgres(String),
}

const EXAMPLES: &str = "Use a file such as `tare.db` or `sqlite:/var/lib/tare/tare.db`, \
                        or `postgres://user:password@host/database`";

impl Database {
    /// Reads an address from settings or the command line. The error says what would be right, without
    /// repeating the text, which can hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return match text.parse::<tokio_postgres::Config>() {
                Ok(config) if config.get_dbname().is_some() => Ok(Self::Postgres(text.to_owned())),
                Ok(_) => Err(format!("the address of PostgreSQL names no database. {EXAMPLES}")),
                Err(_) => Err(format!("the address of PostgreSQL cannot be read. {EXAMPLES}")),
            };
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            None if text.contains("://") => {
                return Err(format!("this kind of database is not known. {EXAMPLES}"));
            }
            None => text,
        };
        match path {
            "" => Err(format!("the database is not named. {EXAMPLES}")),
            ":memory:" => Err("a database in memory would forget the money. Use a file such as `tare.db`".to_owned()),
            path => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

/// Shows no user, password or option of a URL.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite {}", path.display()),
            Self::Postgres(url) => {
                let address = url.split_once("://").map_or("", |(_, rest)| rest);
                let host = address.split('?').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
                write!(f, "PostgreSQL {host}")
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_url() {
        for text in ["tare.db", "sqlite:tare.db", "sqlite://tare.db"] {
            assert_eq!(Database::parse(text), Ok(Database::Sqlite("tare.db".into())), "{text}");
        }
        let url = "postgres://tare:secret@db.internal/tare?sslmode=require";
        let database = Database::parse(url).unwrap();
        assert_eq!(database, Database::Postgres(url.to_owned()));
        assert_eq!(database.to_string(), "PostgreSQL db.internal/tare");
    }

    #[test]
    fn a_wrong_address_is_explained_without_its_password() {
        for text in
            ["", "sqlite:", ":memory:", "mysql://a:secret@b/c", "postgres://a:secret@b", "postgres://a:secret@b:x/c"]
        {
            let error = Database::parse(text).unwrap_err();
            assert!(error.contains("Use a file"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
