// SPDX-License-Identifier: Apache-2.0
#include "video/session_offer.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "core/quote.hpp"
#include "core/text.hpp"

namespace depthcloud {
namespace {

constexpr std::size_t longest_offer = std::size_t{64} * 1024;
constexpr std::size_t most_lines = 1024;
constexpr std::size_t most_formats = 32;
constexpr std::size_t most_sources = 8;
constexpr std::string_view transport_cc_uri =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
constexpr std::string_view mid_uri = "urn:ietf:params:rtp-hdrext:sdes:mid";

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::control, message);
}
[[noreturn]] void corrupt(const std::string& message) {
  fail(ErrorCode::corrupt_data, "an offer " + message);
}
[[noreturn]] void unsupported(const std::string& message) {
  fail(ErrorCode::unsupported,
       message + ": offer one video to be sent, and one data channel or none");
}

/// Takes what stands before the separator off the text, and the separator.
std::string_view take(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

template <typename Number>
Number number(const char* name, std::string_view text, Number least, Number largest) {
  const auto value = whole_number<Number>(text);
  if (!value || *value < least || *value > largest) {
    corrupt(fmt::format("whose {} is {}", name, quote(text)));
  }
  return *value;
}

/// Text of these sizes, of letters, digits and `letters`.
std::string token(const char* name, std::string_view text, std::size_t least, std::size_t most,
                  std::string_view letters) {
  if (text.size() < least || text.size() > most || !consists_of(text, letters)) {
    corrupt(fmt::format("whose {} is {}", name, quote(text)));
  }
  return std::string(text);
}

using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;

/// A section of an SDP: the session's own, or one of its media.
struct Section {
  std::string_view media;  // what follows "m="; empty for the session's
  Attributes attributes;
};

std::vector<Section> read_sections(std::string_view sdp) {
  if (sdp.size() > longest_offer) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("an offer of {} bytes: the limit is {}", sdp.size(), longest_offer));
  }
  std::vector<Section> sections(1);
  std::size_t lines = 0;
  while (!sdp.empty()) {
    std::string_view line = take(sdp, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.size() < 2 || line[1] != '=') corrupt(fmt::format("with the line {}", quote(line)));
    if (++lines > most_lines) {
      fail(ErrorCode::limit_exceeded, fmt::format("an offer of more than {} lines", most_lines));
    }
    if (lines == 1 && line != "v=0") corrupt("that does not begin with 'v=0'");
    std::string_view value = line.substr(2);
    if (line[0] == 'm') {
      sections.push_back({value, {}});
    } else if (line[0] == 'a') {
      const std::string_view key = take(value, ':');
      sections.back().attributes.emplace_back(key, value);
    }
  }
  if (lines == 0) corrupt("that is empty");
  return sections;
}

/// An attribute of a section, or of the whole session; empty: there is none.
std::string_view attribute(const Section& session, const Section& section, std::string_view key) {
  for (const Section* const from : {&section, &session}) {
    const auto found = std::ranges::find(from->attributes, key, &Attributes::value_type::first);
    if (found != from->attributes.end()) return found->second;
  }
  return {};
}

std::string mid_of(const Section& section) {
  return token("mid", attribute({}, section, "mid"), 1, 32, "-_.");
}

bool has(const Section& section, std::string_view key) {
  return std::ranges::find(section.attributes, key, &Attributes::value_type::first) !=
         section.attributes.end();
}

/// Of a list of parameters "a=1;b=2", the value of one; empty: there is none.
std::string_view parameter(std::string_view list, std::string_view key) {
  while (!list.empty()) {
    std::string_view value = take(list, ';');
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (take(value, '=') == key) return value;
  }
  return {};
}

/// A payload type by its rtpmap and fmtp, if the receiver of a video can make use of it.
std::optional<OfferedFormat> format_of(int payload_type, std::string_view encoding,
                                       std::string_view parameters) {
  const std::string name = upper_case(take(encoding, '/'));
  OfferedFormat format{.payload_type = payload_type, .codec = {}, .parameters = {}};
  if (name == "H264") {
    // The other modes, of packets out of order and of single pictures a packet, nobody needs.
    if (parameter(parameters, "packetization-mode") != "1") return std::nullopt;
    const std::string_view profile = parameter(parameters, "profile-level-id");
    format.codec = VideoCodec::h264;
    format.parameters = "level-asymmetry-allowed=1;packetization-mode=1";
    if (!profile.empty()) {
      format.parameters += ";profile-level-id=" + token("profile-level-id", profile, 6, 6, "");
    }
  } else if (name == "VP8") {
    format.codec = VideoCodec::vp8;
  } else if (name == "VP9" || name == "AV1") {
    format.codec = name == "VP9" ? VideoCodec::vp9 : VideoCodec::av1;
    const std::string_view profile =
        parameter(parameters, name == "VP9" ? "profile-id" : "profile");
    if (!profile.empty() && profile != "0") return std::nullopt;  // 10 bits, or 4:4:4
  } else {
    return std::nullopt;
  }
  return format;
}

void read_formats(const Section& video, std::string_view payload_types, SessionOffer& offer) {
  std::map<int, std::string_view> encodings;
  std::map<int, std::string_view> parameters;
  for (const auto& [key, value] : video.attributes) {
    if (key != "rtpmap" && key != "fmtp") continue;
    std::string_view rest = value;
    const int payload_type = number("payload type", take(rest, ' '), 0, 127);
    (key == "rtpmap" ? encodings : parameters)[payload_type] = rest;
  }
  while (!payload_types.empty()) {
    const int payload_type = number("payload type", take(payload_types, ' '), 0, 127);
    const auto encoding = encodings.find(payload_type);
    if (encoding == encodings.end()) continue;
    const auto format = format_of(payload_type, encoding->second, parameters[payload_type]);
    if (format && offer.formats.size() < most_formats) offer.formats.push_back(*format);
  }
  if (offer.formats.empty()) unsupported("an offer whose video is neither H.264, VP8, VP9 nor AV1");
}

void read_extensions(const Section& video, SessionOffer& offer) {
  for (const auto& [key, value] : video.attributes) {
    if (key != "extmap") continue;
    std::string_view uri = value;
    std::string_view id = take(uri, ' ');
    id = take(id, '/');  // a direction may follow
    std::string_view rest = uri;
    const std::string_view name = take(rest, ' ');
    if (name == transport_cc_uri) {
      offer.transport_cc_extension = number("extmap", id, 1, 14);
    } else if (name == mid_uri) {
      offer.mid_extension = number("extmap", id, 1, 14);
    }
  }
}

void read_sources(const Section& video, SessionOffer& offer) {
  for (const auto& [key, value] : video.attributes) {
    if (key != "ssrc") continue;
    std::string_view rest = value;
    const auto source =
        number<std::uint32_t>("ssrc", take(rest, ' '), 0, std::uint32_t{0xFFFFFFFF});
    const bool is_new = std::ranges::find(offer.sources, source) == offer.sources.end();
    if (is_new && offer.sources.size() < most_sources) offer.sources.push_back(source);
  }
}

void read_video(const Section& video, SessionOffer& offer) {
  std::string_view rest = video.media;
  take(rest, ' ');
  const auto port = number("port", take(rest, ' '), 0, 65'535);
  const std::string_view protocol = take(rest, ' ');
  if (port == 0) unsupported("an offer without its video (port 0)");
  if (protocol != "UDP/TLS/RTP/SAVPF") {
    unsupported(fmt::format("an offer of video by {}", quote(protocol)));
  }
  if (has(video, "recvonly") || has(video, "inactive")) {
    unsupported("an offer whose video is not sent");
  }
  if (!has(video, "rtcp-mux")) unsupported("an offer without rtcp-mux");
  offer.video_mid = mid_of(video);
  read_formats(video, rest, offer);
  read_extensions(video, offer);
  read_sources(video, offer);
}

void read_channel(const Section& section, SessionOffer& offer) {
  std::string_view rest = section.media;
  take(rest, ' ');
  take(rest, ' ');
  if (!rest.ends_with("webrtc-datachannel")) {
    unsupported(fmt::format("an offer of {}", quote(section.media)));
  }
  offer.has_channel = true;
  offer.is_channel_first = offer.video_mid.empty();
  offer.channel_mid = mid_of(section);
  if (const std::string_view port = attribute({}, section, "sctp-port"); !port.empty()) {
    offer.sctp_port = number<std::uint16_t>("sctp-port", port, 1, 65'535);
  }
}

/// What the sections share, since they are bundled.
void read_transport(const Section& session, const Section& video, SessionOffer& offer) {
  offer.user = token("ice-ufrag", attribute(session, video, "ice-ufrag"), 4, 256, "+/-_=");
  offer.password = token("ice-pwd", attribute(session, video, "ice-pwd"), 22, 256, "+/-_=");
  offer.fingerprint =
      token("fingerprint", attribute(session, video, "fingerprint"), 16, 256, ":- ");
  offer.setup = attribute(session, video, "setup");
  if (offer.setup != "actpass" && offer.setup != "active" && offer.setup != "passive") {
    corrupt(fmt::format("whose setup is {}", quote(offer.setup)));
  }
  for (const auto& [key, value] : video.attributes) {
    if (key == "candidate") {
      offer.candidates.push_back(parse_ice_candidate(fmt::format("candidate:{}", value)));
    }
  }
}

void check_bundle(const Section& session, const SessionOffer& offer) {
  std::string_view group = attribute({}, session, "group");
  std::vector<std::string_view> bundled;
  while (!group.empty()) bundled.push_back(take(group, ' '));
  const auto holds = [&](const std::string& mid) {
    return std::ranges::find(bundled, mid) != bundled.end();
  };
  if (bundled.empty() || bundled.front() != "BUNDLE" || !holds(offer.video_mid) ||
      (offer.has_channel && !holds(offer.channel_mid))) {
    unsupported("an offer that does not send everything over one port (BUNDLE)");
  }
  if (offer.has_channel && offer.channel_mid == offer.video_mid) corrupt("with one mid twice");
}

std::string transport_lines(const SessionOffer& offer, const std::string& mid) {
  return fmt::format(
      "c=IN IP4 0.0.0.0\r\na=mid:{}\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\n"
      "a=ice-options:trickle\r\na=fingerprint:{}\r\na=setup:{}\r\n",
      mid, offer.user, offer.password, offer.fingerprint, offer.setup);
}

std::string video_lines(const SessionOffer& offer, const OfferedFormat& format) {
  const int type = format.payload_type;
  std::string text = fmt::format("m=video 9 UDP/TLS/RTP/SAVPF {}\r\n", type) +
                     transport_lines(offer, offer.video_mid) +
                     "a=sendonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n";
  if (offer.mid_extension) text += fmt::format("a=extmap:{} {}\r\n", *offer.mid_extension, mid_uri);
  if (offer.transport_cc_extension) {
    text +=
        fmt::format("a=extmap:{}\r\na=rtcp-fb:{} transport-cc\r\n", transport_cc_line(offer), type);
  }
  const std::string name = upper_case(to_string(format.codec));
  text += fmt::format("a=rtpmap:{} {}/90000\r\na=rtcp-fb:{} nack\r\na=rtcp-fb:{} nack pli\r\n",
                      type, name, type, type);
  if (!format.parameters.empty()) text += fmt::format("a=fmtp:{} {}\r\n", type, format.parameters);
  for (const std::uint32_t source : offer.sources) {
    text += fmt::format("a=ssrc:{} cname:peer\r\n", source);
  }
  return text;
}

std::string channel_lines(const SessionOffer& offer) {
  return "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" +
         transport_lines(offer, offer.channel_mid) +
         fmt::format("a=sctp-port:{}\r\na=max-message-size:262144\r\n", offer.sctp_port);
}

}  // namespace

SessionOffer parse_offer(std::string_view sdp) {
  const std::vector<Section> sections = read_sections(sdp);
  SessionOffer offer;
  const Section* video = nullptr;
  for (const Section& section : std::span(sections).subspan(1)) {
    std::string_view rest = section.media;
    const std::string_view kind = take(rest, ' ');
    if (kind == "video" && video == nullptr) {
      video = &section;
      read_video(section, offer);
    } else if (kind == "application" && !offer.has_channel) {
      read_channel(section, offer);
    } else {
      const bool again = kind == "video" || kind == "application";
      unsupported(fmt::format("an offer with {}{}", quote(kind), again ? " twice" : ""));
    }
  }
  if (video == nullptr) unsupported("an offer without a video");
  read_transport(sections.front(), *video, offer);
  check_bundle(sections.front(), offer);
  return offer;
}

std::string transport_cc_line(const SessionOffer& offer) {
  if (!offer.transport_cc_extension) return "";
  return fmt::format("{} {}", *offer.transport_cc_extension, transport_cc_uri);
}

std::string to_sdp(const SessionOffer& offer, const OfferedFormat& format) {
  const std::string video = video_lines(offer, format);
  const std::string channel = offer.has_channel ? channel_lines(offer) : "";
  const std::string& first = offer.is_channel_first ? offer.channel_mid : offer.video_mid;
  const std::string& second = offer.is_channel_first ? offer.video_mid : offer.channel_mid;
  return fmt::format(
      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}{}{}\r\n{}{}", first,
      second.empty() ? "" : " ", second, offer.is_channel_first ? channel : video,
      offer.is_channel_first ? video : channel);
}

}  // namespace depthcloud
