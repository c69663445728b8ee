// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ssl/context.hpp>

#include "options.hpp"

namespace server {

/// What a TLS server needs.
struct Tls {
  std::unique_ptr<boost::asio::ssl::context> context;
  std::string fingerprint;  ///< SHA-256 of the certificate, as browsers show it
};

/// Loads the files, or makes a key and a certificate for `names` (host names and IP addresses) that
/// is good for a year. Throws UsageError.
Tls make_tls(const TlsOptions& options, const std::vector<std::string>& names);

}  // namespace server
