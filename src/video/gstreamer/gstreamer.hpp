// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <gst/gst.h>

namespace depthcloud {

struct GstUnref {
  void operator()(void* object) const { gst_object_unref(object); }
};
struct GstMiniUnref {
  void operator()(void* object) const { gst_mini_object_unref(GST_MINI_OBJECT_CAST(object)); }
};
struct GlibFree {
  void operator()(void* memory) const { g_free(memory); }
};

/// Owns one reference to an element, a pad, a bus.
template <typename T>
using GstPtr = std::unique_ptr<T, GstUnref>;
/// Owns one reference to a buffer, caps, an event, a message, a sample.
template <typename T>
using GstMiniPtr = std::unique_ptr<T, GstMiniUnref>;
/// Owns what GLib allocated.
using GlibText = std::unique_ptr<char, GlibFree>;

/// A new reference to the same.
template <typename T>
GstMiniPtr<T> share(T* object) {
  return GstMiniPtr<T>(reinterpret_cast<T*>(gst_mini_object_ref(GST_MINI_OBJECT_CAST(object))));
}

/// Starts GStreamer at the first call. It prints nothing from then on, unless the user asks for it
/// with GST_DEBUG: warnings of GLib go to the library's log. Throws Error{unavailable}.
/// Thread-safety: share freely.
void start_gstreamer();

/// A new element that this owns; nothing where no plugin has it.
GstPtr<GstElement> make_element(const char* factory);

/// Sets a property of an element from a text where it has one of this name.
void set_if_there(GstElement* element, const char* property, const char* value);

}  // namespace depthcloud
