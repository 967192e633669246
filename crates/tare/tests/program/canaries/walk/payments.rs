//! A server that takes payments at a processor which repeats its key in every fault, and events that it did not send.

use connectors::processor::sign;
use serde_json::json;

use super::{Walk, request};
use crate::books::now;
use crate::canaries::echo;
use crate::servers::Node;

impl Walk {
    /// The same server with the other processor, in the mode in which no money moves.
    pub async fn serve_with_stripe(&mut self) -> Node {
        let echo = echo::start().await;
        let stripe = format!(
            "[stripe]\napi_key_env = \"CANARY_STRIPE\"\nwebhook_secret_env = \"CANARY_STRIPE_EVENTS\"\n\
             base_url = \"http://{echo}\"\n"
        );
        self.write_settings(&echo.to_string(), &stripe);
        self.place.start(self.program(), &["--processor", "stripe"]).await
    }

    /// Somebody wants to type a card, which the processor refuses in all ways; and events come, signed and not.
    pub async fn payments(&mut self, node: &Node) {
        let (cookie, csrf) = (format!("tare={}", self.session), self.csrf.clone());
        let headers = [("cookie", cookie.as_str()), ("x-tare-csrf", csrf.as_str()), ("origin", node.url.as_str())];
        let setups = format!("{}/api/v1/wallets/me/payment-methods/setups", node.url);
        for _ in 0..5 {
            self.post(&setups, &headers, &json!(null), &[]).await;
        }
        let secret = self.secret_of("CANARY_STRIPE_EVENTS");
        let body = json!({"id": "evt_1", "created": 1, "livemode": false,
            "data": {"object": {"id": "pi_1", "object": "payment_intent"}}});
        let body = body.to_string();
        let url = format!("{}/webhooks/processor", node.url);
        for (signed, is_good) in [(secret.as_str(), true), ("whsec_other", false)] {
            let signature = sign(signed, body.as_bytes(), now());
            let sent = request("POST", &url, &[("stripe-signature", &signature)], body.clone());
            let answer = self.client.send(sent).await.unwrap();
            assert_eq!(answer.status < 300, is_good, "{}", answer.text);
            self.keep(&answer, &[]);
        }
    }

    fn secret_of(&self, variable: &str) -> String {
        let found = self.environment.iter().find(|(name, _)| *name == variable);
        found.expect("it is planted").1.clone()
    }
}
