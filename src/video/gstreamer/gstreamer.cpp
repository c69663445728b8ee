// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/gstreamer.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/log.hpp"

namespace depthcloud {
namespace {

void log_line(const gchar* domain, GLogLevelFlags, const gchar* message, gpointer) {
  log(LogLevel::warning, fmt::format("{}: {}", domain == nullptr ? "GLib" : domain,
                                     message == nullptr ? "" : message));
}

/// GLib prints warnings by itself; a program that has a handler of its own keeps it.
void keep_warnings_off_the_terminal() {
  const GLogFunc before = g_log_set_default_handler(&log_line, nullptr);
  if (before != &g_log_default_handler) g_log_set_default_handler(before, nullptr);
}

std::string start() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody should change the environment of several threads
  const char* const debug = std::getenv("GST_DEBUG");
  if (debug == nullptr || *debug == '\0') gst_debug_remove_log_function(&gst_debug_log_default);
  keep_warnings_off_the_terminal();
  GError* error = nullptr;
  if (gst_init_check(nullptr, nullptr, &error) != FALSE) return "";
  std::string reason = error == nullptr ? "no reason given" : error->message;
  g_clear_error(&error);
  return reason;
}

}  // namespace

void start_gstreamer() {
  static const std::string obstacle = start();
  if (!obstacle.empty()) {
    throw Error(ErrorCode::unavailable, Stage::load,
                fmt::format("GStreamer does not start: {}", obstacle));
  }
}

GstPtr<GstElement> make_element(const char* factory) {
  GstElement* const element = gst_element_factory_make(factory, nullptr);
  return GstPtr<GstElement>(element == nullptr ? nullptr
                                               : GST_ELEMENT_CAST(gst_object_ref_sink(element)));
}

void set_if_there(GstElement* element, const char* property, const char* value) {
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), property) != nullptr) {
    gst_util_set_object_arg(G_OBJECT(element), property, value);
  }
}

}  // namespace depthcloud
