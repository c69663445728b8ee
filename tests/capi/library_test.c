/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"

static void log_line(int32_t level, const char* line, void* user) {
  (void)level;
  (void)line;
  (void)user;
}

void test_library(void) {
  dcl_device_info info = DCL_DEVICE_INFO_INIT;
  dcl_error small = DCL_ERROR_INIT;
  size_t devices = 99;
  dcl_status status;

  CHECK(dcl_abi_version() == DCL_ABI_VERSION);
  CHECK(strchr(dcl_version(), '.') != NULL);
  CHECK(dcl_abi_check(DCL_ABI_VERSION, &err) == DCL_OK);
  CHECK_FAILS(dcl_abi_check(DCL_ABI_VERSION + 1, &err), DCL_E_ABI, "ABI version 3");
  CHECK_FAILS(dcl_abi_check(0, &err), DCL_E_ABI, "ABI version 0");
  CHECK(dcl_abi_check(0, NULL) == DCL_E_ABI); /* err may be NULL */

  CHECK(strcmp(dcl_status_name(DCL_OK), "ok") == 0);
  CHECK(strcmp(dcl_status_name(DCL_E_CORRUPT_DATA), "corrupt_data") == 0);
  CHECK(strcmp(dcl_status_name(DCL_E_INTERNAL), "internal") == 0);
  CHECK(strcmp(dcl_status_name(DCL_E_CANCELLED), "cancelled") == 0);
  CHECK(strcmp(dcl_status_name(DCL_E_ABI), "abi") == 0);
  CHECK(strcmp(dcl_status_name(DCL_EMPTY), "empty") == 0);
  CHECK(strcmp(dcl_status_name(DCL_SKIPPED), "skipped") == 0);
  CHECK(strcmp(dcl_status_name(DCL_REPLACED_OLDER), "replaced_older") == 0);
  for (status = -200; status < 20; ++status) CHECK(dcl_status_name(status)[0] != 0);
  CHECK(strcmp(dcl_status_name(INT32_MIN), "unknown") == 0);
  CHECK(strcmp(dcl_stage_name(DCL_STAGE_INFER), "infer") == 0);
  CHECK(strcmp(dcl_stage_name(DCL_STAGE_TOTAL), "total") == 0);
  CHECK(strcmp(dcl_stage_name(-1), "unknown") == 0);
  CHECK(strcmp(dcl_stage_name(DCL_STAGE_METRIC), "metric") == 0);
  CHECK(strcmp(dcl_stage_name(9), "unknown") == 0);

  CHECK(dcl_log_set(log_line, NULL, &err) == DCL_OK);
  CHECK(dcl_log_set(NULL, NULL, &err) == DCL_OK);

  REQUIRE(dcl_device_get_count(&devices, &err));
  CHECK(devices >= 1 && devices < 99);
  REQUIRE(dcl_device_get_info(0, &info, &err));
  CHECK(info.name[0] != 0 && info.struct_size == sizeof info);
  CHECK_FAILS(dcl_device_get_info(devices, &info, &err), DCL_E_INVALID_ARGUMENT, "device");

  /* An error struct that cannot be written to fails the call and is left alone. */
  small.struct_size = 8;
  CHECK(dcl_device_get_count(&devices, &small) == DCL_E_INVALID_ARGUMENT);
  CHECK(small.struct_size == 8 && small.status == DCL_OK && small.message[0] == 0);
}
