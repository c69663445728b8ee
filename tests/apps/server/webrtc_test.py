# SPDX-License-Identifier: Apache-2.0
"""Signalling of WebRTC: what is hostile, limits, and who is told of the relays."""

import json
import time
import unittest

from server_case import PATIENCE, Server, ServerCase, ask, receive

TRANSPORT = ("c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\n"
             "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=setup:actpass\r\n")
OFFER = ("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
         "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" + TRANSPORT +
         "a=mid:0\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n"
         "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n")
LINE = "candidate:1 1 udp 7 127.0.0.1 9 typ host"


def offer(sdp=OFFER, **more):
    return {"type": "webrtc_offer", "sdp": sdp, **more}


def candidate(value):
    return {"type": "ice_candidate", "candidate": value}


async def answer_of(socket, kind):
    """The next message of this type; an error fails the test."""
    while True:
        message = await receive(socket)
        if message["type"] == kind:
            return message
        assert message["type"] != "error", message


class WithoutWebRtc(ServerCase):
    async def test_it_is_off_unless_asked_for(self):
        server = self.server()
        async with server.connect() as socket:
            self.assertIsNone((await ask(socket, {"type": "configure"}))["webrtc"])
            self.assert_error(await ask(socket, offer()), "unavailable", "--webrtc")

    async def test_messages_hold_one_object_of_one_level(self):
        server = self.server()
        async with server.connect() as socket:
            for text in '{"a":{"b":{}}}', '{"a":{},"b":{}}', '{"a":[{}]}':
                self.assert_error(await ask(socket, text), "limit_exceeded", "at most one object")
            large = json.dumps(candidate({f"k{i}": 1 for i in range(40)}))
            self.assert_error(await ask(socket, large), "limit_exceeded", "32 keys")
            self.assert_error(await ask(socket, '{"type":{"type":1}}'), "invalid_argument", "type")


class WithWebRtc(ServerCase):
    @classmethod
    def setUpClass(cls):
        try:
            with Server("--webrtc"):
                pass
        except (AssertionError, ConnectionError) as error:  # it has ended, before or while it was asked
            raise unittest.SkipTest(f"no WebRTC: {error}")

    async def test_an_offer_is_answered_with_candidates_of_this_host_alone(self):
        server = self.server("--webrtc", "--udp-ports", "47300-47399")
        async with server.connect() as socket:
            await socket.send(json.dumps(offer()))
            sdp = (await answer_of(socket, "webrtc_answer"))["sdp"]
            for line in ("a=recvonly", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 transport-cc",
                         "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc"):
                self.assertIn(line, sdp)
            found = []
            while (one := (await answer_of(socket, "ice_candidate"))["candidate"]) is not None:
                found.append(one)
                self.assertEqual((one["sdpMid"], one["sdpMLineIndex"]), ("0", 0))
                words = one["candidate"].split()
                self.assertEqual((words[2], words[4]), ("udp", "127.0.0.1"))
                self.assertIn(int(words[5]), range(47300, 47400))
            self.assertTrue(found)
            self.assertEqual(server.metrics()["webrtc_peers"], 1)
            await socket.send(json.dumps(offer(None)))
            self.assertIsNone((await answer_of(socket, "webrtc_answer"))["sdp"])

    async def test_hostile_offers_and_candidates_are_errors_that_say_so(self):
        server = self.server("--webrtc")
        async with server.connect() as socket:
            for message, code, part in (
                    ({"type": "webrtc_offer"}, "invalid_argument", "sdp must be a text"),
                    (offer("hello"), "corrupt_data", "with the line 'hello'"),
                    (offer("v=0\r\n" * 20_000), "limit_exceeded", "the limit is 65536"),
                    (offer(OFFER + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"), "unsupported", "'audio'"),
                    (offer(OFFER.replace("VP8", "H265")), "unsupported", "neither H.264"),
                    (offer(clouds="pigeon"), "invalid_argument", "websocket or channel"),
                    (candidate(LINE), "invalid_argument", "without a webrtc_offer"),
                    (candidate({"candidate": "x"}), "corrupt_data", "does not begin")):
                self.assert_error(await ask(socket, message), code, part)
            self.assertEqual(await ask(socket, {"type": "ping"}), {"type": "pong"})

    async def test_a_client_may_send_32_candidates(self):
        server = self.server("--webrtc")
        async with server.connect() as socket:
            await socket.send(json.dumps(offer()))
            await answer_of(socket, "webrtc_answer")
            hidden = LINE.replace("127.0.0.1", "6fe1e2c8-3b1e-4c27-9d2f-000000000001.local")
            for _ in range(32):
                await socket.send(json.dumps(candidate({"candidate": hidden, "sdpMid": "0"})))
            await socket.send(json.dumps(candidate(None)))
            await socket.send(json.dumps({"type": "ping"}))
            await answer_of(socket, "pong")
            await socket.send(json.dumps(candidate(LINE)))
            while (message := await receive(socket))["type"] != "error":
                pass
            self.assert_error(message, "limit_exceeded", "more than 32 ICE candidates")

    async def test_connections_are_limited_and_end_with_their_client(self):
        server = self.server("--webrtc", "--max-peers", "1", "--idle-timeout", "2")
        async with server.connect() as first, server.connect() as second:
            await first.send(json.dumps(offer()))
            await answer_of(first, "webrtc_answer")
            self.assert_error(await ask(second, offer()), "limit_exceeded", "1 WebRTC connections")
            # Nobody comes: it ends within the idle timeout.
            closed = await answer_of(first, "webrtc_closed")
            self.assertIn("TURN", closed["message"])
            self.wait_for_peers(server, 0)
            await second.send(json.dumps(offer()))
            await answer_of(second, "webrtc_answer")
        self.wait_for_peers(server, 0)

    def wait_for_peers(self, server, count):
        deadline = time.monotonic() + PATIENCE
        while server.metrics()["webrtc_peers"] != count:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    async def test_relays_are_told_to_who_has_the_token(self):
        server = self.server("--webrtc", "--stun", "stun:192.0.2.1", "--token", "abc",
                             "--browser-turn", "turns:me:hidden@192.0.2.2",
                             env={"DEPTHCLOUD_TURN": "turn:me:secret@192.0.2.2?transport=tcp"})
        async with server.connect({"Authorization": "Bearer abc"}) as socket:
            servers = (await ask(socket, {"type": "configure"}))["webrtc"]["ice_servers"]
        self.assertEqual(servers, [
            {"urls": "stun:192.0.2.1:3478"},
            {"urls": "turn:192.0.2.2:3478?transport=tcp", "username": "me", "credential": "secret"},
            {"urls": "turns:192.0.2.2:5349?transport=tcp", "username": "me", "credential": "hidden"}])
        text = server.get("/metrics", {"Authorization": "Bearer abc"})[2].decode() + server.logged()
        self.assertNotIn("secret", text)
        self.assertEqual(server.get("/metrics")[0], 401)


if __name__ == "__main__":
    unittest.main()
