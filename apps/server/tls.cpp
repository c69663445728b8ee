// SPDX-License-Identifier: Apache-2.0
#include "tls.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>

#include "network_range.hpp"

namespace server {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;

[[noreturn]] void fail(const std::string& what) {
  char reason[256];
  ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
  throw UsageError(fmt::format("{}: {}", what, reason));
}

void require(bool good) {
  if (!good) fail("cannot make a certificate");
}

std::string subject_alternatives(const std::vector<std::string>& names) {
  std::string text = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const std::string& name : names) {
    text += fmt::format(",{}:{}", parse_address(name) ? "IP" : "DNS", name);
  }
  return text;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free);
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

CertificatePtr self_signed(EVP_PKEY* key, const std::vector<std::string>& names) {
  constexpr long hour = 3600;
  constexpr long day = 24 * hour;
  constexpr long year = 365 * day;
  CertificatePtr certificate(X509_new(), X509_free);
  X509* x = certificate.get();
  require(x && X509_set_version(x, 2) == 1);
  // Browsers remember serial numbers of certificates that they accepted.
  std::uint64_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1);
  require(X509_gmtime_adj(X509_getm_notBefore(x), -hour) &&
          X509_gmtime_adj(X509_getm_notAfter(x), year));
  X509_NAME* name = X509_get_subject_name(x);
  const auto* common = reinterpret_cast<const unsigned char*>("depthcloud-server");
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1 &&
          X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1);
  add_extension(x, NID_subject_alt_name, subject_alternatives(names));
  add_extension(x, NID_ext_key_usage, "serverAuth");
  require(X509_sign(x, key, EVP_sha256()) != 0);
  return certificate;
}

std::string fingerprint(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  require(X509_digest(certificate, EVP_sha256(), digest, &size) == 1);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
  }
  return text;
}

}  // namespace

Tls make_tls(const TlsOptions& options, const std::vector<std::string>& names) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (options.self_signed) {
    const KeyPtr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    require(key != nullptr);
    const CertificatePtr certificate = self_signed(key.get(), names);
    require(SSL_CTX_use_certificate(native, certificate.get()) == 1 &&
            SSL_CTX_use_PrivateKey(native, key.get()) == 1);
  } else {
    if (SSL_CTX_use_certificate_chain_file(native, options.cert_file.c_str()) != 1) {
      fail(fmt::format("--tls-cert '{}' cannot be used", options.cert_file));
    }
    if (SSL_CTX_use_PrivateKey_file(native, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
      fail(fmt::format("--tls-key '{}' cannot be used", options.key_file));
    }
  }
  return {std::move(context), fingerprint(SSL_CTX_get0_certificate(native))};
}

}  // namespace server
