/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

void test_latency(void) {
  dcl_stage_times times = DCL_STAGE_TIMES_INIT;
  dcl_latency_summary summary = DCL_LATENCY_SUMMARY_INIT;
  dcl_latency* latency = NULL;
  int i;

  REQUIRE(dcl_latency_create(10, &latency, &err));
  REQUIRE(dcl_latency_get_summary(latency, DCL_STAGE_TOTAL, &summary, &err));
  CHECK(summary.count == 0 && summary.max == 0);
  for (i = 1; i <= 20; ++i) {
    times.decode = i;
    times.preprocess = 1;
    times.infer = 2 * i;
    times.cloud = 1;
    times.pack = 1;
    times.metric = 3 * i;
    REQUIRE(dcl_latency_record(latency, &times, &err));
  }
  REQUIRE(dcl_latency_get_summary(latency, DCL_STAGE_DECODE, &summary, &err)); /* 11 to 20 */
  CHECK(summary.count == 20 && summary.p50 == 15 && summary.p99 == 20 && summary.max == 20);
  REQUIRE(dcl_latency_get_summary(latency, DCL_STAGE_INFER, &summary, &err));
  CHECK(summary.p50 == 30);
  REQUIRE(dcl_latency_get_summary(latency, DCL_STAGE_TOTAL, &summary, &err));
  CHECK(summary.max == 123);
  REQUIRE(dcl_latency_get_summary(latency, DCL_STAGE_METRIC, &summary, &err));
  CHECK(summary.p50 == 45);
  times.infer = -1;
  CHECK_FAILS(dcl_latency_record(latency, &times, &err), DCL_E_INVALID_ARGUMENT, "infer");
  CHECK_FAILS(dcl_latency_get_summary(latency, DCL_STAGE_CONTROL, &summary, &err),
              DCL_E_INVALID_ARGUMENT, "control");
  CHECK_FAILS(dcl_latency_get_summary(latency, -1, &summary, &err), DCL_E_INVALID_ARGUMENT,
              "stage is -1");
  dcl_latency_free(latency);
}
