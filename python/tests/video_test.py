# SPDX-License-Identifier: Apache-2.0
"""Pictures of videos. What reads them is skipped, visibly, in a build without GStreamer."""

import threading
import unittest

import numpy as np

from case import Case, main

import depthcloud


def has_video():
    try:
        depthcloud.VideoSource("test:8x8").close()
        return True
    except depthcloud.DepthcloudError as error:
        if error.code != "unavailable":
            raise
        print("skipped:", error)
        return False


HAS_VIDEO = has_video()
needs_video = unittest.skipUnless(HAS_VIDEO, "this build has no video")


class Videos(Case):
    @needs_video
    def test_pictures_come_with_their_times(self):
        with depthcloud.VideoSource("test:64x48@20", max_fps=10, start=0.1, end=0.3) as video:
            self.assertEqual((video.width, video.height, video.fps, video.duration), (64, 48, 20, None))
            frames = list(video)
            counters = video.counters
        np.testing.assert_allclose([frame.time for frame in frames], [0.1, 0.2, 0.3], atol=1e-6)
        self.assertEqual([frame.index for frame in frames], sorted({frame.index for frame in frames}))
        for frame in frames:  # they outlive the source
            self.assertEqual((frame.image.shape, frame.image.dtype), ((48, 64, 3), np.uint8))
            self.assertFalse(frame.image.flags.writeable)
            self.assertGreater(frame.image.std(), 10)
        self.assertEqual(counters.read, 3)
        self.assertEqual(counters.decoded, counters.read + counters.skipped + counters.dropped + counters.waiting)

    @needs_video
    def test_stop_ends_an_iteration(self):
        video = depthcloud.VideoSource("test:8x8@0.05", real_time=True)
        next(video)
        threading.Timer(0.1, video.stop).start()
        self.assertEqual(list(video), [])

    @needs_video
    def test_what_cannot_be_opened_says_why(self):
        self.refuses(FileNotFoundError, "/no/such/clip.mp4", depthcloud.VideoSource, "/no/such/clip.mp4")
        folder = self.folder()
        self.refuses(IsADirectoryError, str(folder), depthcloud.VideoSource, folder)
        (folder / "a.mp4").write_text("no video")
        self.refuses(depthcloud.DepthcloudError, "a.mp4", depthcloud.VideoSource, folder / "a.mp4")
        self.refuses(ValueError, "uri has a zero byte", depthcloud.VideoSource, "a\0.mp4")
        self.refuses(TypeError, "uri is an int, must be a path", depthcloud.VideoSource, 5)
        with self.assertRaises(depthcloud.DepthcloudError) as caught:
            depthcloud.VideoSource("rtsp://user:secret@127.0.0.1:9/live")
        self.assertNotIn("secret", str(caught.exception))

    @needs_video
    def test_it_says_what_it_is(self):
        with depthcloud.VideoSource("test:64x48@20") as video:
            self.assertRegex(repr(video), "^<depthcloud.VideoSource 'test:64x48@20', 64 x 48 at 20/s.*>$")
        self.assertEqual(repr(video), "<depthcloud.VideoSource, closed>")

    def test_no_password_is_shown(self):
        self.assertEqual(depthcloud.video._without_password("rtsp://me:secret@host:9/a@b"), "rtsp://...@host:9/a@b")
        self.assertEqual(depthcloud.video._without_password("a@b/c.mp4"), "a@b/c.mp4")

    def test_bad_options_are_named(self):
        for options, kind in (({"max_fps": "many"}, TypeError), ({"max_fps": "5"}, TypeError), ({"start": -1}, ValueError), ({"loop": 2}, TypeError),
                              ({"timeout": -1}, ValueError), ({"max_pixels": 1.5}, TypeError)):
            with self.subTest(**options), self.assertRaisesRegex(kind, next(iter(options))):
                depthcloud.VideoSource("test:", **options)

    @needs_video
    def test_a_closed_source_is_a_value_error(self):
        video = depthcloud.VideoSource("test:8x8")
        video.close()
        with self.assertRaisesRegex(ValueError, "closed"):
            video.read()


if __name__ == "__main__":
    main()
