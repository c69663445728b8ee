// SPDX-License-Identifier: Apache-2.0
#include "http_answer.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <boost/beast/websocket/rfc6455.hpp>

#include "in_quotes.hpp"

namespace server {
namespace {

namespace http = boost::beast::http;
using http::field;
using http::status;

/// Pages may load from here only. Pictures and videos also from what the page itself made of a
/// dropped file; WebAssembly may be compiled; `ws:` and `wss:` are named because older browsers do
/// not count them to 'self'.
std::string content_security_policy(std::string_view host) {
  return fmt::format(
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
      "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' blob: ws://{0} "
      "wss://{0}; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      host);
}

Response file_answer(const Request& request, const Page& page) {
  Response response(status::ok, request.version());
  set_common_headers(response);
  response.set(field::content_type, page.type);
  response.set(field::cache_control, "no-cache");
  response.set("Content-Security-Policy", content_security_policy(request[field::host]));
  response.set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
  response.body().assign(page.bytes);
  return response;
}

Response metrics_answer(const Request& request, Service& service) {
  Response response(status::ok, request.version());
  set_common_headers(response);
  response.set(field::content_type, "text/plain; version=0.0.4; charset=utf-8");
  response.body() = prometheus(service.metrics(), service.snapshot());
  return response;
}

std::string_view path_of(const Request& request) {
  return request.target().substr(0, request.target().find('?'));
}

Response refused(const Request& request, Service& service, status code, std::string_view why) {
  ++service.metrics().clients_refused;
  spdlog::info("event=refused status={} reason={} target={}", static_cast<unsigned>(code),
               in_quotes(why), in_quotes(path_of(request)));
  Response response = plain_answer(request.version(), code, why);
  if (code == status::unauthorized) response.set(field::www_authenticate, "Bearer");
  return response;
}

/// Nothing: the WebSocket may be opened.
std::optional<Response> websocket_answer(const Request& request, Service& service,
                                         const boost::asio::ip::address& client) {
  if (!boost::beast::websocket::is_upgrade(request)) {
    Response response =
        plain_answer(request.version(), status::upgrade_required, "this is a WebSocket\n");
    response.set(field::upgrade, "websocket");
    return response;
  }
  if (!service.ready()) {
    return plain_answer(request.version(), status::service_unavailable, "not ready yet\n");
  }
  if (!service.has_room(client)) {
    return refused(request, service, status::service_unavailable, "too many clients\n");
  }
  return std::nullopt;
}

}  // namespace

bool offers_protocol(const Request& request) {
  return has_element(request[field::sec_websocket_protocol], sub_protocol);
}

void set_common_headers(http::fields& response) {
  response.set(field::server, "depthcloud-server");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
}

Response plain_answer(unsigned version, status code, std::string_view text) {
  Response response(code, version);
  set_common_headers(response);
  response.set(field::content_type, "text/plain; charset=utf-8");
  response.set(field::cache_control, "no-store");
  response.body().assign(text);
  return response;
}

std::optional<Response> answer(const Request& request, Service& service, const Pages& pages,
                               const boost::asio::ip::address& local,
                               const boost::asio::ip::address& client) {
  const Access& access = service.options().access;
  if (!host_is_ours(request, local, access)) {
    return refused(request, service, status::forbidden,
                   "this server does not know itself by that Host: see --allow-host\n");
  }
  if (!origin_is_ours(request, access)) {
    return refused(request, service, status::forbidden,
                   "pages of that Origin may not connect: see --allow-origin\n");
  }
  const unsigned version = request.version();
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    Response response =
        plain_answer(version, status::method_not_allowed, "only GET and HEAD are answered\n");
    response.set(field::allow, "GET, HEAD");
    return response;
  }
  const std::string_view path = path_of(request);
  if ((path == "/ws" || path == "/metrics") && !knows_token(request, access)) {
    return refused(request, service, status::unauthorized, "the token is missing or wrong\n");
  }
  if (path == "/ws") return websocket_answer(request, service, client);
  if (path == "/metrics") return metrics_answer(request, service);
  if (path == "/healthz") return plain_answer(version, status::ok, "ok\n");
  if (path == "/readyz") {
    return service.ready() ? plain_answer(version, status::ok, "ready\n")
                           : plain_answer(version, status::service_unavailable, "not ready yet\n");
  }
  if (const Page* page = pages.find(path)) return file_answer(request, *page);
  if (path == "/") return plain_answer(version, status::ok, Pages::how_to_get_them);
  return plain_answer(version, status::not_found, "there is nothing here\n");
}

}  // namespace server
