/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

static void count(void* frame, void* user) {
  (void)frame;
  ++*(int*)user;
}

static dcl_gate_counters counters_of(const dcl_gate* gate) {
  dcl_gate_counters counters = DCL_GATE_COUNTERS_INIT;
  REQUIRE(dcl_gate_get_counters(gate, &counters, &err));
  CHECK(counters.offered == counters.admitted + counters.skipped + counters.replaced +
                                counters.expired + counters.waiting);
  return counters;
}

static void latest_wins(void) {
  int frames[3];
  int released = 0;
  dcl_gate* gate = NULL;
  dcl_ticket* ticket = NULL;
  dcl_ticket* second = NULL;
  REQUIRE(dcl_gate_create(NULL, count, &released, &gate, &err));
  CHECK(dcl_gate_take(gate, &ticket, &err) == DCL_EMPTY && ticket == NULL);
  CHECK(dcl_gate_offer(gate, &frames[0], 0, &err) == DCL_OK);
  CHECK(dcl_gate_offer(gate, &frames[1], 0, &err) == DCL_REPLACED_OLDER);
  CHECK(released == 1);
  CHECK(dcl_gate_take_wait(gate, &ticket, &err) == DCL_OK);
  CHECK(dcl_ticket_get_frame(ticket) == &frames[1]);
  CHECK(dcl_gate_offer(gate, &frames[2], 0, &err) == DCL_OK);
  CHECK(dcl_gate_take(gate, &second, &err) == DCL_EMPTY && second == NULL); /* one in flight */
  dcl_ticket_free(ticket);
  CHECK(released == 2);
  CHECK(dcl_gate_take(gate, &second, &err) == DCL_OK);
  CHECK(counters_of(gate).in_flight == 1);
  REQUIRE(dcl_gate_close(gate, &err));
  CHECK(dcl_gate_offer(gate, &frames[0], 0, &err) == DCL_SKIPPED && released == 3);
  ticket = NULL;
  CHECK(dcl_gate_take_wait(gate, &ticket, &err) == DCL_EMPTY && ticket == NULL);
  dcl_gate_free(gate);
  CHECK(dcl_ticket_get_frame(second) == &frames[2]); /* a ticket outlives its gate */
  dcl_ticket_free(second);
  CHECK(released == 4);
}

static void options_have_effect(void) {
  int frame;
  int released = 0;
  dcl_gate_options options = DCL_GATE_OPTIONS_INIT;
  dcl_gate* gate = NULL;
  dcl_ticket* first = NULL;
  dcl_ticket* second = NULL;
  options.policy = DCL_GATE_SKIP_WHILE_BUSY;
  options.max_in_flight = 2;
  REQUIRE(dcl_gate_create(&options, count, &released, &gate, &err));
  CHECK(dcl_gate_offer(gate, &frame, 0, &err) == DCL_OK);
  CHECK(dcl_gate_take(gate, &first, &err) == DCL_OK);
  CHECK(dcl_gate_offer(gate, &frame, 0, &err) == DCL_OK);
  CHECK(dcl_gate_take(gate, &second, &err) == DCL_OK);
  CHECK(dcl_gate_offer(gate, &frame, 0, &err) == DCL_SKIPPED);
  dcl_ticket_free(first);
  dcl_ticket_free(second);
  dcl_gate_free(gate);
  CHECK(released == 3);

  options = (dcl_gate_options)DCL_GATE_OPTIONS_INIT;
  options.max_age_s = 0.5;
  options.max_fps = 0.001;
  REQUIRE(dcl_gate_create(&options, NULL, NULL, &gate, &err));
  first = NULL;
  CHECK(dcl_gate_offer(gate, &frame, 2.0, &err) == DCL_OK);
  CHECK(dcl_gate_take(gate, &first, &err) == DCL_EMPTY && first == NULL); /* too old */
  CHECK(dcl_gate_offer(gate, &frame, 0, &err) == DCL_SKIPPED);            /* too soon */
  CHECK(counters_of(gate).expired == 1 && counters_of(gate).skipped == 1);
  dcl_gate_free(gate);
}

static void bad_arguments(void) {
  int frame;
  const double nowhere[] = {-1, 1e300, 0.0 / (double)(frame = 0)};
  dcl_gate_options options = DCL_GATE_OPTIONS_INIT;
  dcl_gate* gate = NULL;
  size_t i;
  options.policy = 2;
  CHECK_FAILS(dcl_gate_create(&options, NULL, NULL, &gate, &err), DCL_E_INVALID_ARGUMENT,
              "policy is 2");
  options.policy = 0;
  options.max_in_flight = -1;
  CHECK_FAILS(dcl_gate_create(&options, NULL, NULL, &gate, &err), DCL_E_INVALID_ARGUMENT,
              "max_in_flight");
  options.max_in_flight = 0;
  options.max_fps = -1;
  CHECK_FAILS(dcl_gate_create(&options, NULL, NULL, &gate, &err), DCL_E_INVALID_ARGUMENT,
              "max_fps");
  options.max_fps = 0;
  options.max_age_s = -1;
  CHECK_FAILS(dcl_gate_create(&options, NULL, NULL, &gate, &err), DCL_E_INVALID_ARGUMENT,
              "max_age_s");
  CHECK(gate == NULL);
  REQUIRE(dcl_gate_create(NULL, NULL, NULL, &gate, &err));
  for (i = 0; i < 3; ++i) {
    CHECK_FAILS(dcl_gate_offer(gate, &frame, nowhere[i], &err), DCL_E_INVALID_ARGUMENT, "age_s");
  }
  CHECK(counters_of(gate).offered == 0);
  dcl_gate_free(gate);
}

void test_gate(void) {
  latest_wins();
  options_have_effect();
  bad_arguments();
}
