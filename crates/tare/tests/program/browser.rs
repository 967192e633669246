//! A person at a browser, as far as a site can tell: it keeps the cookie, follows where it is sent, and sends forms
//! with the fields that their page gave them.

use axum::http::{Method, Request, header};
use http_body_util::Full;

use crate::http::{Answer, Client};

/// So many times a page may send a browser on.
const MOST_STEPS: usize = 5;

pub struct Browser {
    client: Client,
    /// The site, without a slash at the end.
    url: String,
    cookie: Option<String>,
}

/// A page that was opened.
pub struct Page {
    /// Where it is, behind the site's address.
    pub path: String,
    pub status: u16,
    pub text: String,
}

/// What is filled in, by the names of the fields.
pub type Fields<'a> = &'a [(&'a str, &'a str)];

impl Browser {
    pub fn new(url: &str) -> Self {
        Self { client: Client::new(), url: url.to_owned(), cookie: None }
    }

    /// Opens a page, by way of others if they say so.
    pub async fn open(&mut self, path: &str) -> Page {
        let answer = self.send(Method::GET, path, &[], "").await;
        self.follow(path, answer).await
    }

    /// Fills in the form of a page that goes to `action`, and sends it.
    pub async fn submit(&mut self, page: &Page, action: &str, fields: Fields<'_>) -> Page {
        let body = page.form(action, fields);
        let own = self.url.clone();
        let answer =
            self.send(Method::POST, action, &[("origin", &own), ("sec-fetch-site", "same-origin")], &body).await;
        self.follow(action, answer).await
    }

    /// Sends a form as a page of this origin would make the browser do it.
    pub async fn submit_from(&mut self, origin: &str, action: &str, body: &str) -> Answer {
        let from = if origin == self.url { "same-origin" } else { "cross-site" };
        self.send(Method::POST, action, &[("origin", origin), ("sec-fetch-site", from)], body).await
    }

    async fn follow(&mut self, path: &str, mut answer: Answer) -> Page {
        let mut path = path.to_owned();
        for _ in 0..MOST_STEPS {
            let Some(next) = answer.header("location").map(str::to_owned).filter(|_| answer.status == 303) else {
                return Page { path, status: answer.status, text: answer.text };
            };
            assert!(next.starts_with('/'), "{path} leads to {next}");
            answer = self.send(Method::GET, &next, &[], "").await;
            path = next;
        }
        panic!("{path} leads on and on");
    }

    async fn send(&mut self, method: Method, path: &str, headers: Fields<'_>, body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers.iter().copied().chain(self.cookie.as_deref().map(|cookie| ("cookie", cookie))) {
            request = request.header(name, value);
        }
        let answer = self.client.send(request.body(Full::from(body.to_owned())).unwrap()).await.unwrap();
        if let Some(set) = answer.header("set-cookie") {
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        answer
    }
}

impl Page {
    /// The body that the form of this page sends that goes to `action`, filled in.
    pub fn form(&self, action: &str, fields: Fields<'_>) -> String {
        let begin = format!("action=\"{action}\"");
        let form = self.text.split("<form").find(|form| form.contains(&begin));
        let form = form.unwrap_or_else(|| panic!("no form goes to {action} from {}:\n{}", self.path, self.text));
        let form = form.split("</form>").next().unwrap();
        let hidden = form.split("<input").filter(|input| input.contains("type=\"hidden\""));
        let hidden: Vec<(String, String)> =
            hidden.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect();
        for (name, _) in fields {
            assert!(form.contains(&format!("name=\"{name}\"")), "the form to {action} has no {name}: {form}");
        }
        let given = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let all = hidden.into_iter().chain(given);
        all.map(|(name, value)| format!("{}={}", escaped(&name), escaped(&value))).collect::<Vec<_>>().join("&")
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
    let value = value.unwrap_or_else(|| panic!("no {name} in {tag}"));
    value.replace("&#38;", "&").replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">")
}

fn escaped(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    bytes.collect()
}
