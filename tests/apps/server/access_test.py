# SPDX-License-Identifier: Apache-2.0
"""Who may talk to depthcloud-server: bound address, Host, Origin, token, TLS, proxies."""

import hashlib
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import websockets

from server_case import (PATIENCE, PHOTO, SLOW, SOURCES, Server, ServerCase, ask, run_fails,
                         status_of)

TOKEN = "s3cret-Token.with_all~signs+"


class Hosts(ServerCase):
    def test_other_machines_need_a_token_or_insecure(self):
        code, message = run_fails("--host", "0.0.0.0", "--model", "constant")
        self.assertEqual(code, 2)
        self.assertIn("--token", message)
        self.assertEqual(run_fails("--host", "::", "--model", "constant")[0], 2)
        for flags in ["--insecure"], ["--token", TOKEN]:
            with Server("--host", "0.0.0.0", *flags) as server:
                self.assertEqual(server.get("/healthz", {"Host": server.host})[0], 200)
        self.server("--host", "localhost")

    async def test_host_must_be_ours(self):
        server = self.server("--allow-host", "cam.example.org")
        port = server.port
        for host in (f"127.0.0.1:{port}", "127.0.0.1", f"localhost:{port}", "LocalHost",
                     f"cam.example.org:{port}", "CAM.example.org", "localhost:1"):
            self.assertEqual(server.get("/healthz", {"Host": host})[0], 200, host)
        for host in ("evil.example", "127.0.0.2", "localhost.evil.example", "", "[::1]", None,
                     "cam.example.org.", "evil.example:127.0.0.1", "localhost:1; script-src *",
                     "localhost:x", "[127.0.0.1]x", "[127.0.0.1", "0.0.0.0",
                     ["localhost", "localhost"], ["localhost", "evil.example"]):
            for path in "/", "/healthz", "/ws", "/metrics":
                self.assertEqual(server.get(path, {"Host": host})[0], 403, (host, path))

    async def test_origin_must_be_ours(self):
        server = self.server("--allow-origin", "https://app.example.org")
        own = f"http://127.0.0.1:{server.port}"
        for origin in own, own.upper(), own.replace("http", "https"), "https://app.example.org":
            self.assertEqual(await status_of(server.connect(origin=origin)), 101, origin)
        for origin in ("http://evil.example", "null", "", f"http://localhost:{server.port}",
                       "http://127.0.0.1", "https://app.example.org:444", f"ftp://127.0.0.1:{server.port}",
                       own + "/", own + ".evil.example", "http://app.example.org"):
            self.assertEqual(await status_of(server.connect(origin=origin)), 403, origin)
        self.assertEqual(server.get("/", {"Origin": [own, own]})[0], 403)

    def test_a_certificate_that_is_not_there(self):
        code, message = run_fails("--port", 0, "--model", "constant", "--tls-cert", "/nowhere.pem",
                                  "--tls-key", "/nowhere.pem")
        self.assertEqual(code, 2)
        self.assertEqual(len(message.splitlines()), 1, message)


class Token(ServerCase):
    async def test_token_covers_websocket_and_metrics(self):
        server = self.server("--token", TOKEN, "--log-level", "debug")
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        for path in "/ws", "/metrics":
            self.assertEqual(server.get(path)[0], 401)
            self.assertEqual(server.get(f"{path}?token={TOKEN}")[0], 401)
            self.assertEqual(server.get(path)[1]["WWW-Authenticate"], "Bearer")
            for wrong in (f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer ", f"Basic {TOKEN}",
                          TOKEN):
                self.assertEqual(server.get(path, {"Authorization": wrong})[0], 401, wrong)
        self.assertEqual(server.get("/metrics", bearer)[0], 200)
        for path in "/", "/healthz", "/readyz":
            self.assertEqual(server.get(path)[0], 200)
        self.assertEqual(await status_of(server.connect()), 401)
        self.assertEqual(await status_of(server.connect(headers=bearer)), 101)
        protocols = ["depthcloud.v1", f"bearer.{TOKEN}"]
        async with server.connect(subprotocols=protocols) as client:
            self.assertEqual(client.subprotocol, "depthcloud.v1")
            self.assertEqual((await ask(client, PHOTO))["type"], "pointcloud")
        self.assertEqual(await status_of(server.connect(subprotocols=["depthcloud.v1", "bearer.x"])),
                         401)
        self.assertNotIn(TOKEN, server.logged())
        self.assertNotIn(TOKEN, server.url)

    def test_token_from_the_environment(self):
        server = self.server(env={"DEPTHCLOUD_TOKEN": TOKEN})
        self.assertEqual(server.get("/metrics")[0], 401)
        self.assertEqual(server.get("/metrics", {"Authorization": f"bearer {TOKEN}"})[0], 200)


class Tls(ServerCase):
    async def test_self_signed(self):
        server = self.server("--tls-self-signed", "--allow-host", "cam.example.org")
        self.assertEqual(server.scheme, "https")
        async with server.connect(origin=f"https://127.0.0.1:{server.port}") as client:
            self.assertEqual((await ask(client, PHOTO))["num_points"], 252 * 168)
        pem = ssl.get_server_certificate((server.host, server.port))
        trusting = ssl.create_default_context(cadata=pem)
        for name in "localhost", "cam.example.org", "127.0.0.1":
            with socket.create_connection((server.host, server.port), timeout=PATIENCE) as plain:
                with trusting.wrap_socket(plain, server_hostname=name) as wrapped:
                    self.assertIn(wrapped.version(), ("TLSv1.2", "TLSv1.3"))
        printed = server.process.stdout.readline().split()[-1].replace(":", "").lower()
        self.assertEqual(printed, hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest())

    async def test_every_interface_has_an_address_that_the_certificate_covers(self):
        server = self.server("--tls-self-signed", "--host", "0.0.0.0", "--insecure")
        self.assertNotEqual(server.host, "0.0.0.0")
        trusting = ssl.create_default_context(
            cadata=ssl.get_server_certificate((server.host, server.port)))
        with socket.create_connection((server.host, server.port), timeout=PATIENCE) as plain:
            with trusting.wrap_socket(plain, server_hostname=server.host) as wrapped:
                wrapped.sendall(f"GET / HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
                self.assertTrue(wrapped.recv(64).startswith(b"HTTP/1.1 "))

    async def test_plain_and_broken_clients_do_no_harm(self):
        server = self.server("--tls-self-signed", "--handshake-timeout", 0.5 * SLOW)
        for data in b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + bytes(100), b"":
            with socket.create_connection((server.host, server.port), timeout=PATIENCE) as plain:
                plain.sendall(data)
                while plain.recv(4096):
                    pass
        self.assertEqual(server.get("/healthz")[0], 200)

    async def test_certificate_files(self):
        with tempfile.TemporaryDirectory() as folder:
            cert, key = pathlib.Path(folder, "cert.pem"), pathlib.Path(folder, "key.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                            "-subj", "/CN=test", "-keyout", key, "-out", cert], check=True,
                           capture_output=True)
            server = self.server("--tls-cert", cert, "--tls-key", key)
            self.assertEqual(ssl.get_server_certificate((server.host, server.port)),
                             cert.read_text())
            async with server.connect() as client:
                self.assertEqual((await ask(client, PHOTO))["type"], "pointcloud")
            code, message = run_fails("--model", "constant", "--tls-cert", cert, "--tls-key", cert)
            self.assertEqual(code, 2)
            self.assertIn("--tls-key", message)


class Proxies(ServerCase):
    async def test_forwarded_address_counts_only_behind_a_trusted_proxy(self):
        limit = ["--max-clients-per-address", 1]
        behind = {"headers": {"X-Forwarded-For": "1.2.3.4, 203.0.113.7"}}
        other = {"headers": {"X-Forwarded-For": "203.0.113.8"}}
        server = self.server(*limit)
        async with server.connect(**behind):
            self.assertEqual(await status_of(server.connect(**other)), 503)
        server = self.server(*limit, "--trust-proxy", "127.0.0.0/8", "--log-level", "info")
        async with server.connect(**behind):
            self.assertEqual(await status_of(server.connect(**other)), 101)
            self.assertEqual(await status_of(server.connect(**behind)), 503)
            # What a client claims itself stands before what the proxy adds, and does not count.
            spoofed = {"X-Forwarded-For": "9.9.9.9, 203.0.113.7"}
            self.assertEqual(await status_of(server.connect(headers=spoofed)), 503)
            # Some proxies add a header of their own to the client's.
            for claim, status in ("203.0.113.7", 503), ("203.0.113.9", 101):
                headers = [("X-Forwarded-For", "9.9.9.9"), ("X-Forwarded-For", claim)]
                self.assertEqual(await status_of(server.connect(headers=headers)), status)
        self.assertIn("address=203.0.113.7", server.logged())

    async def test_an_ipv6_client_is_its_network(self):
        server = self.server("--max-clients-per-address", 1, "--trust-proxy", "127.0.0.1")

        def connect(address):
            return server.connect(headers={"X-Forwarded-For": address})

        async with connect("2001:db8:0:1::1"):
            self.assertEqual(await status_of(connect("2001:db8:0:1:ffff::2")), 503)
            self.assertEqual(await status_of(connect("2001:db8:0:2::1")), 101)

    @unittest.skipUnless(shutil.which("nginx", path="/usr/sbin:/usr/bin"), "nginx is not installed")
    async def test_nginx(self):
        """The configuration of docs/server.md, with the test's ports and files."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            root.chmod(0o755)
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                            "-subj", "/CN=cam.example.org", "-keyout", root / "key.pem", "-out",
                            root / "cert.pem"], check=True, capture_output=True)
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            server = self.server("--allow-host", "cam.example.org", "--trust-proxy", "127.0.0.1",
                                 "--token", TOKEN, "--log-level", "info",
                                 "--max-clients-per-address", 1)
            site = (SOURCES / "docs/server.md").read_text().split("```nginx\n")[1].split("```")[0]
            site = (site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
                    .replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
                    .replace("/etc/ssl/cam.example.org.pem", str(root / "cert.pem"))
                    .replace("/etc/ssl/private/cam.example.org.key", str(root / "key.pem")))
            temp = "".join(f"{kind}_temp_path {root};\n"
                           for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            (root / "nginx.conf").write_text(
                f"daemon off; pid {root}/pid; error_log {root}/error.log;\n"
                f"events {{}}\nhttp {{\naccess_log {root}/access.log;\n{temp}{site}}}\n")
            nginx = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", root / "nginx.conf",
                                      "-e", root / "error.log"])
            try:
                protocols = ["depthcloud.v1", f"bearer.{TOKEN}"]
                tls = ssl._create_unverified_context()

                def connect(**options):
                    return websockets.connect(
                        f"wss://cam.example.org:{port}/ws", host="127.0.0.1", port=port, ssl=tls,
                        max_size=None, compression=None, **options)

                for _ in range(int(100 * SLOW)):
                    try:
                        socket.create_connection(("127.0.0.1", port)).close()
                        break
                    except ConnectionRefusedError:
                        self.assertIsNone(nginx.poll())
                        time.sleep(0.05)
                origin = f"https://cam.example.org:{port}"
                async with connect(subprotocols=protocols, origin=origin) as client:
                    self.assertEqual(client.subprotocol, "depthcloud.v1")
                    self.assertEqual((await ask(client, PHOTO))["type"], "pointcloud")
                    big = await ask(client, bytes(7 << 20))
                    self.assertEqual(big["type"], "error")
                    self.assertEqual(await status_of(connect(subprotocols=protocols)), 503)
                self.assertEqual(await status_of(connect(origin=origin)), 401)
                self.assertEqual(
                    await status_of(connect(subprotocols=protocols, origin="https://evil.example")),
                    403)
                self.assertIn("address=127.0.0.1", server.logged())
            finally:
                nginx.terminate()
                nginx.wait()


if __name__ == "__main__":
    unittest.main()
