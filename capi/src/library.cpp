// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <depthcloud/log.hpp>
#include <depthcloud/system_info.hpp>
#include <depthcloud/version.hpp>

#include "copy_text.hpp"
#include "guard.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

uint32_t dcl_abi_version(void) { return DCL_ABI_VERSION; }

const char* dcl_version(void) { return version(); }

dcl_status dcl_abi_check(uint32_t abi, dcl_error* err) {
  return guard(err, [&] { check_abi(abi); });
}

const char* dcl_status_name(dcl_status status) {
  switch (status) {
    case DCL_OK:
      return "ok";
    case DCL_SKIPPED:
      return "skipped";
    case DCL_REPLACED_OLDER:
      return "replaced_older";
    case DCL_EMPTY:
      return "empty";
    case DCL_E_ABI:
      return "abi";
    default:
      return status >= DCL_E_CANCELLED && status < 0 ? to_string(static_cast<ErrorCode>(-status))
                                                     : "unknown";
  }
}

const char* dcl_stage_name(dcl_stage stage) {
  if (stage == DCL_STAGE_TOTAL) return "total";
  return stage >= DCL_STAGE_DECODE && stage <= DCL_STAGE_METRIC
             ? to_string(static_cast<Stage>(stage))
             : "unknown";
}

dcl_status dcl_log_set(dcl_log_fn log, void* user, dcl_error* err) {
  return guard(err, [&] {
    if (log == nullptr) return set_log_callback(nullptr);
    set_log_callback([log, user](LogLevel level, std::string_view line) {
      log(static_cast<int32_t>(level), std::string(line).c_str(), user);
    });
  });
}

dcl_status dcl_device_get_count(size_t* count, dcl_error* err) {
  return guard(err, [&] { object(count, "count") = devices().size(); });
}

dcl_status dcl_device_get_info(size_t index, dcl_device_info* info, dcl_error* err) {
  return guard(err, [&] {
    dcl_device_info& out = writable(info, "dcl_device_info");
    const std::vector<DeviceInfo> found = devices();
    if (index >= found.size()) {
      fail_argument("device " + std::to_string(index) + " of " + std::to_string(found.size()));
    }
    dcl_device_info filled = DCL_DEVICE_INFO_INIT;
    copy_text(filled.name, to_string(found[index].device));
    copy_text(filled.description, found[index].description);
    write(out, filled);
  });
}
