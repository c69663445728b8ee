// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <depthcloud/error.hpp>

namespace server {

/// Reads a text message: one JSON object of at most 32 keys whose values are texts, numbers,
/// booleans, null, arrays of at most 32 of these, or one object of such values. The protocol needs
/// no more, and this limits the memory that untrusted JSON can use. Throws Error{corrupt_data,
/// limit_exceeded}.
nlohmann::json read_message(std::string_view text);

/// Returns the bytes of base64, or of a data URL that holds base64, percent-encoded or not: in the
/// standard or the URL alphabet, with line breaks or without, padded or not. Throws
/// Error{corrupt_data}.
std::vector<std::uint8_t> decode_base64(std::string_view text);

/// {"type":"error","code":...,"stage":...,"message":...}, with the number of the frame if it was
/// one.
std::string error_message(const depthcloud::Error& error,
                          std::optional<std::uint64_t> frame_id = {});

}  // namespace server
