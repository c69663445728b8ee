# SPDX-License-Identifier: Apache-2.0
"""An RTSP server on a port of 127.0.0.1 (0: any) with a test pattern at /live for me:secret; prints the port."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # pylint: disable=wrong-import-position

LAUNCH = ("( videotestsrc is-live=true pattern=blue ! video/x-raw,width=160,height=120,framerate=20/1 ! "
          "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay name=pay0 pt=96 )")

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
auth = GstRtspServer.RTSPAuth()
token = GstRtspServer.RTSPToken()
token.set_string("media.factory.role", "viewer")
auth.add_basic(GstRtspServer.RTSPAuth.make_basic("me", "secret"), token)
server.set_auth(auth)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(LAUNCH)
factory.set_shared(True)
permissions = GstRtspServer.RTSPPermissions()
permissions.add_permission_for_role("viewer", "media.factory.access", True)
permissions.add_permission_for_role("viewer", "media.factory.construct", True)
factory.set_permissions(permissions)
server.get_mount_points().add_factory("/live", factory)
assert server.attach(None) != 0, "the port is taken"
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
