"""A mail server on loopback for the tests: says its port, then each mail it took, as lines of JSON.

    smtp_server.py plain | starttls CERT KEY | tls CERT KEY

Readers named `later` are put off (451), readers named `never` refused (550). With TLS a user must sign in as
`tare` with the password `canary`.
"""

import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


def say(**what):
    print(json.dumps(what), flush=True)


class Taker:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "later":
            return "451 4.7.1 come back later"
        if name == "never":
            return "550 5.1.1 no such reader"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.decode("utf-8", "replace")
        # With TLS from the first byte nothing else is understood, so what came was encrypted.
        tls = mode == "tls" or session.ssl is not None
        say(sender=envelope.mail_from, readers=envelope.rcpt_tos, tls=tls, text=text)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    # `handled=False` leaves the answer to the server; otherwise nobody would say no.
    return AuthResult(success=(data.login, data.password) == (b"tare", b"canary"), handled=False)


class OneController(Controller):
    def __init__(self, mode, context):
        super().__init__(Taker(), hostname="127.0.0.1", port=0, ssl_context=context if mode == "tls" else None)
        self.mode, self.context = mode, context

    def factory(self):
        options = {}
        if self.mode != "plain":
            options.update(authenticator=authenticate, auth_required=True)
        if self.mode == "starttls":
            options.update(tls_context=self.context, require_starttls=True)
        if self.mode == "tls":
            options.update(auth_require_tls=False)
        return SMTP(self.handler, enable_SMTPUTF8=False, **options)

    def _trigger_server(self):
        """The base class would look for the server at port 0; the system has chosen another."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


mode = sys.argv[1]
context = None
if mode != "plain":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*sys.argv[2:4])
controller = OneController(mode, context)
controller.start()
say(port=controller.port)
sys.stdin.read()
controller.stop()
