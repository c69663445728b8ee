// SPDX-License-Identifier: Apache-2.0
#include "video/session_offer.hpp"

#include <string>

#include <doctest/doctest.h>

#include "expect_error.hpp"

using depthcloud::parse_offer;
using depthcloud::SessionOffer;
using depthcloud::VideoCodec;

namespace {

const std::string head =
    "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n";
const std::string transport =
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:Xq/f\r\na=ice-pwd:asd88fgpdd777uzjYhagZg/1\r\n"
    "a=fingerprint:sha-256 D8:AA:B8:04:CE:D1:C1:B3:25:8F:5E:4A:1C:CF:56:11\r\na=setup:actpass\r\n";
const std::string video =
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 100 102\r\n" + transport +
    "a=mid:0\r\na=sendonly\r\na=rtcp-mux\r\n"
    "a=extmap:2 urn:ietf:params:rtp-hdrext:toffset\r\n"
    "a=extmap:3/sendonly "
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    "a=rtpmap:98 H264/90000\r\na=fmtp:98 packetization-mode=0;profile-level-id=42001f\r\n"
    "a=rtpmap:100 H264/90000\r\n"
    "a=fmtp:100 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtpmap:102 VP9/90000\r\na=fmtp:102 profile-id=2\r\n"
    "a=ssrc:7 cname:x\r\na=ssrc:7 msid:y\r\na=ssrc:8 cname:x\r\n"
    "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n";
const std::string channel = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" + transport +
                            "a=mid:1\r\na=sctp-port:5001\r\na=max-message-size:262144\r\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string error_of_offer(const std::string& sdp) {
  return error_of([&] { parse_offer(sdp); });
}

}  // namespace

TEST_SUITE_BEGIN("video");

TEST_CASE("an offer is read, and written again with one format") {
  const SessionOffer offer = parse_offer(head + video + channel);
  REQUIRE(offer.formats.size() == 2);
  CHECK(offer.formats[0].codec == VideoCodec::vp8);
  CHECK(offer.formats[1].codec == VideoCodec::h264);
  CHECK(offer.formats[1].payload_type == 100);
  CHECK(offer.sources.size() == 2);
  CHECK(offer.transport_cc_extension == 3);
  CHECK(offer.mid_extension == 4);
  CHECK(offer.candidates.size() == 1);
  CHECK(offer.has_channel);
  CHECK(offer.sctp_port == 5001);
  const std::string again = to_sdp(offer, offer.formats[1]);
  CHECK(contains(again, "m=video 9 UDP/TLS/RTP/SAVPF 100\r\n"));
  CHECK(contains(again, "a=rtpmap:100 H264/90000\r\n"));
  CHECK(contains(again, "profile-level-id=42e01f\r\n"));
  CHECK(contains(again, "a=rtcp-fb:100 transport-cc\r\n"));
  CHECK(contains(again, "a=group:BUNDLE 0 1\r\n"));
  CHECK_FALSE(contains(again, "VP8"));
  CHECK_FALSE(contains(again, "toffset"));
  const SessionOffer twice = parse_offer(again);
  CHECK(to_sdp(twice, twice.formats[0]) == again);
}

TEST_CASE("the channel may stand first, or be left out") {
  const SessionOffer first = parse_offer(head + channel + video);
  CHECK(first.is_channel_first);
  CHECK(to_sdp(first, first.formats[0]).find("m=application") <
        to_sdp(first, first.formats[0]).find("m=video"));
  const SessionOffer without = parse_offer(head + video);
  CHECK_FALSE(without.has_channel);
  CHECK_FALSE(contains(to_sdp(without, without.formats[0]), "application"));
}

TEST_CASE("a hostile offer is an error that says what is wrong") {
  const std::string good = head + video + channel;
  const auto with = [&](const char* from, const char* to) {
    return error_of_offer(replaced(good, from, to));
  };
  CHECK(error_of_offer("") == "corrupt_data control: an offer that is empty");
  CHECK(contains(error_of_offer("hello"), "with the line 'hello'"));
  CHECK(contains(error_of_offer("m=video"), "does not begin with 'v=0'"));
  CHECK(contains(error_of_offer(std::string(70'000, 'x')), "limit_exceeded control: an offer of "));
  std::string lines = "v=0\r\n";
  for (int i = 0; i < 2000; ++i) lines += "a=x\r\n";
  CHECK(
      contains(error_of_offer(lines), "limit_exceeded control: an offer of more than 1024 lines"));
  CHECK(contains(error_of_offer(head + channel), "unsupported control: an offer without a video"));
  CHECK(contains(error_of_offer(good + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"),
                 "unsupported control: an offer with 'audio'"));
  CHECK(contains(error_of_offer(good + video), "an offer with 'video' twice"));
  CHECK(contains(error_of_offer(good + channel), "an offer with 'application' twice"));
  CHECK(contains(with("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "by 'RTP/AVP'"));
  CHECK(contains(with("m=video 9", "m=video 0"), "port 0"));
  CHECK(contains(with("a=sendonly", "a=recvonly"), "whose video is not sent"));
  CHECK(contains(with("a=rtcp-mux\r\n", ""), "without rtcp-mux"));
  CHECK(contains(with("BUNDLE 0 1", "BUNDLE 0"), "BUNDLE"));
  CHECK(contains(with("a=mid:1", "a=mid:0"), "one mid twice"));
  CHECK(contains(with("a=mid:1", "a=mid:x y"), "whose mid is 'x y'"));
  CHECK(contains(with("VP8", "AV9"), "nothing"));
  CHECK(contains(error_of_offer(replaced(replaced(good, "VP8", "X"), "H264", "Y")),
                 "neither H.264, VP8, VP9 nor AV1"));
  CHECK(contains(with("profile-level-id=42e01f", "profile-level-id=42e01f00"), "profile-level-id"));
  CHECK(contains(with("Xq/f", "X"), "whose ice-ufrag is 'X'"));
  CHECK(contains(with("asd88fgpdd777uzjYhagZg/1", "short"), "whose ice-pwd is 'short'"));
  CHECK(contains(with("sha-256 D8", "sha-256\tD8"), "whose fingerprint is"));
  CHECK(contains(with("a=setup:actpass", "a=setup:holdconn"), "whose setup is 'holdconn'"));
  CHECK(contains(with("a=ssrc:7", "a=ssrc:x"), "whose ssrc is 'x'"));
  CHECK(contains(with("extmap:3", "extmap:99"), "whose extmap is '99'"));
  CHECK(contains(with("rtpmap:96", "rtpmap:960"), "whose payload type is '960'"));
  CHECK(contains(with("sctp-port:5001", "sctp-port:0"), "whose sctp-port is '0'"));
  CHECK(contains(with("webrtc-datachannel", "other"), "unsupported control: an offer of "));
  CHECK(contains(with("192.0.2.1 9", "192.0.2.1"), "an ICE candidate"));
}
