// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <depthcloud/video_source.hpp>

#include "expect_error.hpp"
#include "video/gstreamer/gstreamer.hpp"
#include "video/videos.hpp"

using namespace std::chrono_literals;
using depthcloud::VideoSource;

namespace {

/// A server of one test pattern, 160 x 120 at 25 pictures a second, for one user.
class RtspServer {
 public:
  RtspServer() {
    depthcloud::start_gstreamer();
    context_ = g_main_context_new();
    loop_ = g_main_loop_new(context_, FALSE);
    server_ = gst_rtsp_server_new();
    gst_rtsp_server_set_address(server_, "127.0.0.1");
    gst_rtsp_server_set_service(server_, "0");
    GstRTSPMediaFactory* const factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(
        factory,
        "( videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=25/1 ! x264enc "
        "tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 pt=96 )");
    gst_rtsp_media_factory_add_role(factory, "user", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS,
                                    G_TYPE_BOOLEAN, TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
                                    G_TYPE_BOOLEAN, TRUE, nullptr);
    GstRTSPAuth* const auth = gst_rtsp_auth_new();
    GstRTSPToken* const token =
        gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "user", nullptr);
    gchar* const basic = gst_rtsp_auth_make_basic("user", "secret");
    gst_rtsp_auth_add_basic(auth, basic, token);
    g_free(basic);
    gst_rtsp_token_unref(token);
    gst_rtsp_server_set_auth(server_, auth);
    g_object_unref(auth);
    GstRTSPMountPoints* const mounts = gst_rtsp_server_get_mount_points(server_);
    gst_rtsp_mount_points_add_factory(mounts, "/live", factory);
    g_object_unref(mounts);
    gst_rtsp_server_attach(server_, context_);
    thread_ = std::thread([this] { g_main_loop_run(loop_); });
  }
  ~RtspServer() {
    g_main_loop_quit(loop_);
    thread_.join();
    g_object_unref(server_);
    g_main_loop_unref(loop_);
    g_main_context_unref(context_);
  }
  RtspServer(const RtspServer&) = delete;
  RtspServer& operator=(const RtspServer&) = delete;

  std::string uri(const std::string& password) const {
    return "rtsp://user:" + password +
           "@127.0.0.1:" + std::to_string(gst_rtsp_server_get_bound_port(server_)) + "/live";
  }

 private:
  GMainContext* context_ = nullptr;
  GMainLoop* loop_ = nullptr;
  GstRTSPServer* server_ = nullptr;
  std::thread thread_;
};

}  // namespace

TEST_SUITE("video_rtsp") {
  TEST_CASE("a camera of the network is live, and keeps the newest picture only") {
    if (!has_element("x264enc") || !has_element("rtspsrc")) return;
    const RtspServer server;
    VideoSource source(server.uri("secret"));
    CHECK(source.info().is_live);
    CHECK(source.info().width == 160);
    CHECK_FALSE(source.info().duration);
    const auto first = source.read();
    REQUIRE(first);
    std::this_thread::sleep_for(400ms);
    const auto late = source.read();
    REQUIRE(late);
    CHECK(late->time - first->time > 200ms);
    CHECK(source.counters().dropped > 3);
  }

  TEST_CASE("a wrong password is told, but not shown") {
    if (!has_element("x264enc") || !has_element("rtspsrc")) return;
    const RtspServer server;
    const std::string error = error_of([&] { VideoSource source(server.uri("mistaken")); });
    CHECK(error.starts_with("io decode: "));
    CHECK_FALSE(contains(error, "mistaken"));
  }
}
