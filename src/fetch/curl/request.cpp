// SPDX-License-Identifier: Apache-2.0
#include "fetch/curl/request.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <span>
#include <system_error>

#include <curl/curl.h>

#include <fmt/format.h>

#include <depthcloud/version.hpp>

#include "core/quote.hpp"
#include "fetch/curl/response.hpp"

namespace depthcloud {
namespace {

constexpr long most_redirects = 5;
constexpr std::uint64_t largest_file = 1ull << 36;

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::load, message);
}

class Request {
 public:
  Request(const DownloadRequest& request, PartialFile& partial)
      : request_(request),
        partial_(partial),
        response_(request.url),
        easy_(curl_easy_init(), curl_easy_cleanup) {
    if (!easy_) fail(ErrorCode::out_of_memory, "libcurl has no memory");
    set_up();
    ask_for_rest();
  }

  /// Nothing where a part of other content was there, which is gone now: to be asked for anew.
  std::optional<Transfer> run() {
    const CURLcode result = curl_easy_perform(easy_.get());
    if (failure_) std::rethrow_exception(failure_);
    if (response_.status() == 416 && !holds_all()) restarts();
    if (restarts_) return std::nullopt;
    Transfer transfer{response_.size(), response_.hub_hash(), std::nullopt};
    if (response_.status() == 416) return transfer;
    if (result != CURLE_OK || !is_good()) {
      transfer.interruption = obstacle(result);
      return transfer;
    }
    if (!begun_) begin();  // no byte of content came
    if (restarts_) return std::nullopt;
    if (partial_.size() < *expected_) transfer.interruption = ended_early();
    return transfer;
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) {
      fail(ErrorCode::internal,
           fmt::format("libcurl refuses its option {}", static_cast<int>(option)));
    }
  }

  void set_up() {
    const long seconds = static_cast<long>(request_.timeout.count());
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, most_redirects);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_CONNECTTIMEOUT, seconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, seconds);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy says nothing of the content
    set(CURLOPT_USERAGENT, user_agent_.c_str());
    set(CURLOPT_ERRORBUFFER, message_.data());
    if (!request_.ca_file.empty()) set(CURLOPT_CAINFO, request_.ca_file.c_str());
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Request::on_header);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Request::on_body);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &Request::on_progress);
    set(CURLOPT_NOPROGRESS, 0L);
  }

  /// What is there is completed where the end result shows whether it was the same content.
  void ask_for_rest() {
    known_ = partial_.identity();
    if (partial_.size() == 0) return;
    const bool checkable = !request_.file.sha256.empty() || !known_.hub_hash.empty();
    if (known_.etag.empty() && !checkable) return partial_.clear();
    resumed_ = partial_.size();
    set(CURLOPT_RANGE, fmt::format("{}-", partial_.size()).c_str());
    if (!known_.etag.empty()) {
      headers_.reset(curl_slist_append(nullptr, ("If-Range: " + known_.etag).c_str()));
      set(CURLOPT_HTTPHEADER, headers_.get());
    }
  }

  /// Whether the part that is there is the whole file, so that the server has no range behind it.
  bool holds_all() const {
    return response_.range() && response_.range()->total == partial_.size();
  }

  /// What is there is of no use.
  void restarts() {
    partial_.clear();
    restarts_ = true;
  }

  bool is_good() const { return response_.status() == 200 || response_.status() == 206; }

  /// Before the first byte of the content: what the server is about to send.
  void begin() {
    const bool changed = !known_.hub_hash.empty() && known_.hub_hash != response_.hub_hash();
    const bool continues = response_.status() == 206 && resumed_ > 0 && response_.range() &&
                           response_.range()->first == resumed_;
    if (response_.status() == 206 && (!continues || changed)) return restarts();
    if (response_.status() == 200) {
      partial_.clear();
      resumed_ = 0;
    }
    check_size();
    if (const std::string& published = request_.file.sha256;
        !published.empty() && response_.hub_hash().size() == published.size() &&
        response_.hub_hash() != published) {
      fail(ErrorCode::corrupt_data,
           fmt::format("'{}' has the SHA-256 {}, it must have {}: it is not the published file",
                       request_.url, response_.hub_hash(), published));
    }
    partial_.set_identity({response_.etag(), response_.hub_hash()});
    begun_ = true;
  }

  void check_size() {
    const std::uint64_t published = request_.file.bytes;
    expected_ = response_.size();
    if (!expected_ && published > 0) expected_ = published;
    if (!expected_) fail(ErrorCode::io, fmt::format("'{}' states no size", request_.url));
    if (published > 0 && *expected_ != published) {
      fail(ErrorCode::corrupt_data,
           fmt::format("'{}' has {} bytes, it must have {}: it is not the published file",
                       request_.url, *expected_, published));
    }
    if (*expected_ > largest_file) {
      fail(ErrorCode::limit_exceeded, fmt::format("'{}' has {} bytes, more than the limit of {}",
                                                  request_.url, *expected_, largest_file));
    }
    std::error_code failure;
    const std::filesystem::space_info space = std::filesystem::space(request_.folder, failure);
    const std::uint64_t missing = *expected_ - std::min(*expected_, partial_.size());
    if (!failure && space.available < missing) {
      fail(ErrorCode::limit_exceeded,
           fmt::format("'{}' needs another {:.1f} MB in '{}', which has {:.1f} MB left",
                       request_.file.name(), static_cast<double>(missing) / 1e6,
                       request_.folder.string(), static_cast<double>(space.available) / 1e6));
    }
  }

  /// Whether to go on.
  bool take(std::span<const char> bytes) {
    if (!is_good()) return false;  // the page of an error
    if (!begun_) begin();
    if (restarts_) return false;
    if (bytes.size() > *expected_ - std::min(*expected_, partial_.size())) {
      partial_.clear();
      fail(ErrorCode::corrupt_data,
           fmt::format("'{}' is longer than the {} bytes that it must have", request_.url,
                       *expected_));
    }
    partial_.append(bytes);
    return true;
  }

  /// Returns true; where it is to stop, throws.
  bool report() const {
    if (!request_.progress) return true;
    if (request_.progress({.file = request_.file.name(),
                           .done = partial_.size(),
                           .resumed = resumed_,
                           .total = expected_.value_or(request_.file.bytes)})) {
      return true;
    }
    fail(ErrorCode::cancelled,
         fmt::format("stopped; the next run continues the download of {}", request_.file.name()));
  }

  Error ended_early() const {
    const std::uint64_t total =
        expected_ ? *expected_ : response_.size().value_or(request_.file.bytes);
    return {
        ErrorCode::io, Stage::load,
        fmt::format("the download of '{}' ended after {} of {} bytes; the next run continues it",
                    request_.url, partial_.size(), total)};
  }

  /// What kept the file from being whole. Throws where a further request would not help.
  Error obstacle(CURLcode result) const {
    switch (result) {
      case CURLE_UNSUPPORTED_PROTOCOL:
        fail(ErrorCode::io, fmt::format("'{}' redirects to {}: only https is followed",
                                        request_.url, quote(response_.location())));
      case CURLE_TOO_MANY_REDIRECTS:
        fail(ErrorCode::io,
             fmt::format("'{}' redirects more than {} times", request_.url, most_redirects));
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        fail(ErrorCode::io, fmt::format("the certificate of '{}' cannot be checked: {}",
                                        request_.url, message_.data()));
      default:
        break;
    }
    switch (response_.status()) {
      case 401:
      case 403:
        fail(ErrorCode::unavailable,
             fmt::format("'{}' is refused (HTTP {}): the repository is gated, or gone. Where its "
                         "page asks for an account and for consent, download it there",
                         request_.url, response_.status()));
      case 404:
      case 410:
        fail(ErrorCode::not_found,
             fmt::format("'{}' is not there (HTTP {})", request_.url, response_.status()));
      case 0:
      case 200:
      case 206:
      case 416:
        break;
      default:
        if (response_.status() >= 300) {
          return {ErrorCode::io, Stage::load,
                  fmt::format("'{}' answers HTTP {}", request_.url, response_.status())};
        }
    }
    if (result == CURLE_OPERATION_TIMEDOUT) {
      return {ErrorCode::io, Stage::load,
              fmt::format("nothing came from '{}' for {} s; the next run continues the download",
                          request_.url, request_.timeout.count())};
    }
    if (result == CURLE_OK || result == CURLE_PARTIAL_FILE) return ended_early();
    const char* const reason =
        message_.front() != '\0' ? message_.data() : curl_easy_strerror(result);
    return {ErrorCode::io, Stage::load, fmt::format("'{}': {}", request_.url, reason)};
  }

  /// Runs what libcurl, which knows no exceptions, calls. Returns whether to go on.
  template <typename Work>
  bool guarded(Work&& work) noexcept {
    try {
      return work();
    } catch (...) {
      failure_ = std::current_exception();
      return false;
    }
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
    Request& request = *static_cast<Request*>(self);
    const bool goes_on = request.guarded([&] {
      request.response_.read_header({data, size});
      return true;
    });
    return goes_on ? size : 0;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    Request& request = *static_cast<Request*>(self);
    return request.guarded([&] { return request.take({data, size}); }) ? size : 0;
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    Request& request = *static_cast<Request*>(self);
    return request.guarded([&] { return request.report(); }) ? 0 : 1;
  }

  const DownloadRequest& request_;
  PartialFile& partial_;
  Response response_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr,
                                                                       curl_slist_free_all};
  std::string user_agent_ = std::string("depthcloud/") + version();
  std::array<char, CURL_ERROR_SIZE> message_{};
  PartialFile::Identity known_;
  std::uint64_t resumed_ = 0;
  std::optional<std::uint64_t> expected_;
  bool begun_ = false;
  bool restarts_ = false;
  std::exception_ptr failure_;
};

}  // namespace

Transfer request_rest(const DownloadRequest& request, PartialFile& partial) {
  if (auto transfer = Request(request, partial).run()) return *transfer;
  if (auto transfer = Request(request, partial).run()) return *transfer;
  fail(ErrorCode::io,
       fmt::format("'{}' sends other parts of the file than are asked for", request.url));
}

}  // namespace depthcloud
