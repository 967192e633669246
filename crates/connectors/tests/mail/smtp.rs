//! Mail through a real mail server, `aiosmtpd`, on loopback.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use connectors::mail::{MailFault, MailSettings, Postbox};
use connectors::secret::Secret;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::letters::{invitation, write};

/// A server, and the certificate by which it is known.
struct Server {
    port: u16,
    said: Lines<BufReader<ChildStdout>>,
    folder: TempDir,
    _child: Child,
}

impl Server {
    async fn start(mode: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = root.join(".tools/outside/venv/bin/python");
        assert!(python.exists(), "{} is missing; `tools/setup outside` brings it", python.display());
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut child = Command::new(python)
            .arg(root.join("tests/outside/smtp_server.py"))
            .args([mode.as_ref(), certificate.as_os_str(), key.as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut server = Self { port: 0, said, folder, _child: child };
        server.port = server.said().await["port"].as_u64().unwrap().try_into().unwrap();
        server
    }

    async fn said(&mut self) -> Value {
        serde_json::from_str(&self.said.next_line().await.unwrap().expect("the mail server has ended")).unwrap()
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// A postbox whose `[mail.smtp]` has these lines too.
    fn postbox(&self, lines: &str, password: &str) -> Postbox {
        let text =
            format!("from = 'Tare <no-reply@example.com>'\n[smtp]\nhost = 'localhost'\nport = {}\n{lines}", self.port);
        let mut settings: MailSettings = toml::from_str(&text).unwrap();
        settings.smtp.as_mut().unwrap().password = (!password.is_empty()).then(|| Secret::new(password.to_owned()));
        settings.open("https://tare.example.com", Path::new("unused")).unwrap()
    }

    fn signed_in(&self, encryption: &str, password: &str) -> Postbox {
        let certificate = self.certificate();
        let lines = format!("encryption = '{encryption}'\nusername = 'tare'\nca_file = '{}'", certificate.display());
        self.postbox(&lines, password)
    }
}

async fn send(postbox: &Postbox, reader: &str) -> Result<(), MailFault> {
    let mail = connectors::mail::Mail { to: format!("{reader}@example.com"), ..write(&invitation("Ünion")) };
    postbox.mailer.send(&postbox.from, &mail).await
}

#[tokio::test]
async fn a_mail_arrives_encrypted() {
    for mode in ["starttls", "tls"] {
        let mut server = Server::start(mode).await;
        assert_eq!(send(&server.signed_in(mode, "canary"), "ana").await, Ok(()), "{mode}");
        let took = server.said().await;
        assert_eq!(took["readers"][0], "ana@example.com");
        assert_eq!((&took["sender"], &took["tls"]), (&"no-reply@example.com".into(), &true.into()));
        let text = took["text"].as_str().unwrap();
        assert!(text.contains("multipart/alternative") && text.split("\n\n").next().unwrap().is_ascii(), "{text}");
    }
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again_and_one_for_good_is_not() {
    let server = Server::start("plain").await;
    let postbox = server.postbox("encryption = 'none'", "");
    let later = send(&postbox, "later").await;
    assert!(matches!(&later, Err(MailFault::Temporary(why)) if why.contains("come back later")), "{later:?}");
    let never = send(&postbox, "never").await;
    assert!(matches!(&never, Err(MailFault::Permanent(why)) if why.contains("no such reader")), "{never:?}");
    assert_eq!(send(&postbox, "ana").await, Ok(()));
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_does_not_encrypt() {
    let mut server = Server::start("plain").await;
    let refused = send(&server.postbox("", ""), "ana").await;
    assert!(matches!(&refused, Err(MailFault::Temporary(_))), "{refused:?}");
    // It took nothing: the first that it tells of is the mail that was allowed.
    assert_eq!(send(&server.postbox("encryption = 'none'", ""), "ben").await, Ok(()));
    assert_eq!(server.said().await["readers"][0], "ben@example.com");
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_nobody_vouches_for() {
    let server = Server::start("tls").await;
    let refused = send(&server.postbox("encryption = 'tls'\nusername = 'tare'", "canary"), "ana").await;
    assert!(matches!(&refused, Err(MailFault::Temporary(why)) if !why.contains("canary")), "{refused:?}");
}

/// An operator will set the right password; until then the mails wait.
#[tokio::test]
async fn a_wrong_password_gives_up_no_mail() {
    let server = Server::start("starttls").await;
    let refused = send(&server.signed_in("starttls", "wrong"), "ana").await;
    assert!(matches!(&refused, Err(MailFault::Temporary(_))), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_again() {
    let server = Server::start("plain").await;
    let postbox = server.postbox("encryption = 'none'", "");
    drop(server);
    let away = send(&postbox, "ana").await;
    assert!(matches!(&away, Err(MailFault::Temporary(_))), "{away:?}");
}

#[test]
fn settings_that_make_no_sense_are_explained() {
    for (text, reason) in [
        ("[smtp]\nhost = 'localhost'", "mail.from is missing"),
        ("from = 'a@b.c'\nfolder = 'mails'\n[smtp]\nhost = 'localhost'", "either `folder` or `smtp`"),
        ("from = 'a@b.c'\n[smtp]\nhost = 'localhost'\nusername = 'tare'", "go together"),
        ("from = 'a@b.c'\n[smtp]\nhost = 'localhost'\nca_file = 'nowhere.pem'", "nowhere.pem"),
    ] {
        let settings: MailSettings = toml::from_str(text).unwrap();
        let error = settings.open("http://localhost", Path::new("mails")).err().unwrap();
        assert!(error.contains(reason), "{error}");
    }
    let open =
        "from = 'a@b.c'\n[smtp]\nhost = 'localhost'\nencryption = 'none'\nusername = 'tare'\npassword_env = 'PW'";
    let mut settings: MailSettings = toml::from_str(open).unwrap();
    let missing = settings.read_secrets(&|_| None).unwrap_err();
    assert_eq!(missing, "mail.smtp: the environment variable PW is not set");
    settings.read_secrets(&|_| Some("canary".to_owned())).unwrap();
    assert!(!format!("{settings:?}").contains("canary"));
    let error = settings.open("http://localhost", Path::new("mails")).err().unwrap();
    assert!(error.contains("not sent without encryption"), "{error}");
}
