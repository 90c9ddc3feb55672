"""A real SMTP server (aiosmtpd) with TLS and AUTH. Usage: mail_server.py CERTIFICATE KEY

Says one line per mail it took: sender, recipients, content (base64), user, whether TLS was on. The local part of the
recipient chooses a refusal: `code-450` makes the answer to RCPT 450, `data-554` the answer to the mail 554,
`sender…` as sender the answer to MAIL 451. User "sluice", password "open: sésame".
"""

import asyncio
import base64
import os
import ssl
import sys

import peer

try:
    from aiosmtpd.smtp import AuthResult, SMTP
except ImportError:
    peer.say(missing="aiosmtpd is missing: python3 -m venv V && V/bin/pip install aiosmtpd, and set SLUICE_PYTHON=V/bin/python")
    sys.exit()


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("busy"):
            return "451 4.3.0 Come back later"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name.startswith("code-"):
            return "%s 5.1.1 No thanks" % name[5:]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name.startswith("data-"):
            return "%s 5.7.1 Not this one" % name[5:]
        peer.say(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            content=base64.b64encode(envelope.original_content).decode(),
            user=(session.auth_data or b"").decode() if session.authenticated else None,
            tls=server.transport.get_extra_info("sslcontext") is not None,
        )
        return "250 2.0.0 Queued as 12345"


def authenticate(server, session, envelope, mechanism, data):
    if (data.login, data.password) == (b"sluice", "open: sésame".encode()):
        return AuthResult(success=True, auth_data=data.login)
    return AuthResult(success=False, handled=False)


async def start(tls=None, **options):
    """Listens on a free port; `tls` is spoken from the first byte."""

    def session():
        return SMTP(Handler(), hostname="mail.test", authenticator=authenticate, **options)

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=tls)
    return server.sockets[0].getsockname()[1]


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    peer.end_with_parent(removing=[os.path.dirname(sys.argv[1])])
    peer.say(
        startTLS=await start(tls_context=context, require_starttls=True, auth_required=True),
        open=await start(tls_context=context, require_starttls=True),
        tls=await start(tls=context, auth_require_tls=False, auth_required=True),
    )
    await asyncio.Event().wait()


asyncio.run(main())
