// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <utility>

#include "convert.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

namespace {

/// Returns a frame to the program, through its release function.
struct Release {
  dcl_release_fn function = nullptr;
  void* user = nullptr;
  void operator()(void* frame) const {
    if (function != nullptr) function(frame, user);
  }
};

using OwnedFrame = std::unique_ptr<void, Release>;

}  // namespace

struct dcl_gate {
  dcl_gate(const GateOptions& options, const Release& give_back)
      : release(give_back), gate(options) {}
  Release release;
  FrameGate<OwnedFrame> gate;
};

struct dcl_ticket {
  std::optional<Ticket<OwnedFrame>> ticket;
};

namespace {

/// The ticket is allocated first, so that a taken frame is not lost if memory runs out.
template <typename Take>
dcl_status take_into(dcl_ticket** ticket, dcl_error* err, Take&& take) noexcept {
  return guard(err, [&]() -> dcl_status {
    dcl_ticket*& out = object(ticket, "ticket");
    auto taken = std::make_unique<dcl_ticket>();
    taken->ticket = take();
    if (!taken->ticket) return DCL_EMPTY;
    out = taken.release();
    return DCL_OK;
  });
}

}  // namespace

dcl_status dcl_gate_create(const dcl_gate_options* options, dcl_release_fn release, void* user,
                           dcl_gate** gate, dcl_error* err) {
  return guard(err, [&] {
    dcl_gate*& out = object(gate, "gate");
    out = new dcl_gate(to_cpp(options), {release, user});
  });
}

dcl_status dcl_gate_offer(dcl_gate* gate, void* frame, double age_s, dcl_error* err) {
  return guard(err, [&] {
    dcl_gate& into = object(gate, "gate");
    if (frame == nullptr) fail_argument("frame is NULL");
    const Clock::time_point when = captured(age_s);
    return to_c(into.gate.offer(OwnedFrame(frame, into.release), when));
  });
}

dcl_status dcl_gate_take(dcl_gate* gate, dcl_ticket** ticket, dcl_error* err) {
  return take_into(ticket, err, [&] { return object(gate, "gate").gate.take(); });
}

dcl_status dcl_gate_take_wait(dcl_gate* gate, dcl_ticket** ticket, dcl_error* err) {
  return take_into(ticket, err, [&] { return object(gate, "gate").gate.take_wait(); });
}

dcl_status dcl_gate_close(dcl_gate* gate, dcl_error* err) {
  return guard(err, [&] { object(gate, "gate").gate.close(); });
}

dcl_status dcl_gate_get_counters(const dcl_gate* gate, dcl_gate_counters* counters,
                                 dcl_error* err) {
  return guard(err, [&] {
    const auto& counted = object(gate, "gate").gate;
    write(writable(counters, "dcl_gate_counters"), to_c(counted.counters()));
  });
}

void dcl_gate_free(dcl_gate* gate) { delete gate; }

void* dcl_ticket_get_frame(const dcl_ticket* ticket) {
  return ticket != nullptr ? ticket->ticket->frame().get() : nullptr;
}

void dcl_ticket_free(dcl_ticket* ticket) { delete ticket; }
