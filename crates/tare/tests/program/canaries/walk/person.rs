//! What a person does: signs in, lets a device in, types a card.

use axum::http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use super::{Walk, request, without};
use crate::http::Answer;
use crate::mailbox;
use crate::servers::Node;

impl Walk {
    /// A code by mail, tried wrong and right; then a key and a visit to pages.
    pub async fn sign_in(&mut self, node: &Node, email: &str) {
        let url = format!("{}/api/v1/sign-in", node.url);
        let sent = self.client.send(request("POST", &format!("{url}/codes"), &[], json!({"email": email}).to_string()));
        let sent = sent.await.unwrap();
        let body: Value = serde_json::from_str(&sent.text).unwrap();
        let challenge = body["challenge"].as_str().unwrap().to_owned();
        self.canaries.add("sign-in challenge", &challenge, "tare_sc_");
        self.keep(&sent, std::slice::from_ref(&challenge));
        let code = mailbox::code(&self.file("tare.mail"), email).await;
        self.canaries.add_code(&code);
        self.codes.push(code.clone());
        let wrong = json!({"challenge": challenge, "code": format!("{code}0")});
        self.post(&format!("{url}/sessions"), &[], &wrong, &[]).await;
        // With another challenge the right digits open nothing.
        let other = json!({"challenge": format!("tare_sc_{}", "0".repeat(64)), "code": code});
        self.post(&format!("{url}/sessions"), &[], &other, &[]).await;
        let right = json!({"challenge": challenge, "code": code});
        self.begin(&format!("{url}/sessions"), &right).await;
        self.post(&format!("{url}/sessions"), &[], &right, &[]).await;

        let cookie = format!("tare={}", self.session);
        let csrf = self.csrf.clone();
        let headers = [("cookie", cookie.as_str()), ("x-tare-csrf", csrf.as_str()), ("origin", node.url.as_str())];
        let url = format!("{}/api/v1/wallets/me/api-keys", node.url);
        let made =
            self.client.send(request("POST", &url, &headers, json!({"name": "laptop"}).to_string())).await.unwrap();
        assert_eq!(made.status, 201, "{}", made.text);
        let key = serde_json::from_str::<Value>(&made.text).unwrap()["secret"].as_str().unwrap().to_owned();
        self.canaries.add("API key", &key, "tare_sk_");
        self.keep(&made, std::slice::from_ref(&key));
        self.keys.push(key);
        for path in ["/api/v1/wallets/me/api-keys", "/api/v1/sessions", "/api/v1/me", "/profile"] {
            let page = self.client.send(request("GET", &format!("{}{path}", node.url), &headers, "")).await.unwrap();
            assert_eq!(page.status, 200, "{}", page.text);
            // The forms of a page, and the call that a page's script makes, are where the token belongs.
            let mut text = page.text.replace(&format!("value=\"{csrf}\""), "");
            if path == "/api/v1/me" {
                text = without(text, &csrf);
            }
            let page = Answer { text, ..page };
            self.keep(&page, &[]);
        }
        let headers = [("cookie", cookie.as_str()), ("x-tare-csrf", "wrong")];
        self.post(&url, &headers, &json!({"name": "x"}), &[]).await;
    }

    /// A device is let in on its page. Its code is shown until then, in addresses too; it is in no log.
    pub async fn device(&mut self, node: &Node) {
        let url = format!("{}/api/device-auth/codes", node.url);
        let started = self.client.send(request("POST", &url, &[], "")).await.unwrap();
        let code = serde_json::from_str::<Value>(&started.text).unwrap()["code"].as_str().unwrap().to_owned();
        self.canaries.add("device code", &code, "");
        let poll = format!("{url}/{code}");
        assert_eq!(self.client.send(request("GET", &poll, &[], "")).await.unwrap().status, 202);
        let (cookie, csrf) = (format!("tare={}", self.session), self.csrf.clone());
        let headers = [("cookie", cookie.as_str()), ("origin", node.url.as_str())];
        let page = format!("{}/device", node.url);
        let asked = self.client.send(request("GET", &format!("{page}?code={code}"), &headers, "")).await.unwrap();
        assert_eq!(asked.status, 200, "{}", asked.text);
        let form = format!("csrf={csrf}&code={code}&answer=approve");
        let form = Request::post(&page)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", &cookie)
            .header("origin", &node.url)
            .body(Full::from(form));
        let answered = self.client.send(form.unwrap()).await.unwrap();
        assert_eq!(answered.status, 200, "{}", answered.text);
        self.keep(&answered, &[]);
        let approved = self.client.send(request("GET", &poll, &[], "")).await.unwrap();
        let token = serde_json::from_str::<Value>(&approved.text).unwrap()["token"].as_str().unwrap().to_owned();
        self.canaries.add("device token", &token, "tare_dt_");
        self.keep(&approved, std::slice::from_ref(&token));
        self.get(&poll, &[]).await;
        self.get(&format!("{}/api/profile", node.url), &[("authorization", &format!("Bearer {token}"))]).await;
        self.keys.push(token);
    }

    /// A number that is no test card, typed where cards are typed: it is not taken, shown or kept.
    pub async fn card(&mut self, node: &Node) {
        let (cookie, csrf) = (format!("tare={}", self.session), self.csrf.clone());
        let headers = [("cookie", cookie.as_str()), ("x-tare-csrf", csrf.as_str()), ("origin", node.url.as_str())];
        let begin = format!("{}/api/v1/wallets/me/payment-methods/setups", node.url);
        let begun = self.client.send(request("POST", &begin, &headers, "")).await.unwrap();
        assert_eq!(begun.status, 201, "{}", begun.text);
        let page = serde_json::from_str::<Value>(&begun.text).unwrap()["page"].as_str().unwrap().to_owned();
        let form = Request::post(&page)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", &cookie)
            .header("origin", &node.url)
            .body(Full::from(format!("csrf={csrf}&answer=save&number={}", self.card)));
        let answered = self.client.send(form.unwrap()).await.unwrap();
        assert_eq!(answered.status, 402, "{}", answered.text);
        let shown = Answer { text: answered.text.replace(&format!("value=\"{csrf}\""), ""), ..answered };
        self.keep(&shown, &[]);
    }
}
