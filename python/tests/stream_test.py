# SPDX-License-Identifier: Apache-2.0
"""Live streams: a callback, an iterator, failures, and the ways to end one."""

import gc
import threading
import time
import warnings
from unittest import mock

import numpy as np
from case import SMALL, Case, main

import depthcloud
from depthcloud import GateOptions

DATA = SMALL.read_bytes()


class Streams(Case):
    def setUp(self):
        self.model = depthcloud.Model("constant:2")

    def slow(self, milliseconds=100):
        return depthcloud.Model(f"constant:2,{milliseconds}")

    def until_in_flight(self, stream):
        while stream.counters.in_flight == 0:
            time.sleep(0.001)


class Callbacks(Streams):
    def test_frames_and_tags(self):
        frames = []
        with self.model.stream(frames.append, cloud=depthcloud.CloudOptions(stride=1)) as stream:
            for i in range(3):
                self.assertIn(stream.offer(DATA, frame_id=i, capture_ts=i / 2), ("waiting", "replaced_older"))
                self.assertTrue(stream.finish(timeout=60))
            self.assertEqual(stream.latency("infer").count, 3)
            counters = stream.counters
        self.assertEqual([frame.frame_id for frame in frames], [0, 1, 2])
        self.assertEqual([frame.capture_ts for frame in frames], [0, 0.5, 1])
        self.assertEqual(len(frames[0]), frames[0].depth.size)
        self.assertEqual((counters.offered, counters.admitted, counters.in_flight), (3, 3, 0))

    def test_pixels(self):
        frames = []
        rgb = np.zeros((48, 64, 3), np.uint8)
        rgb[..., 0] = 200
        with self.model.stream(frames.append, cloud=depthcloud.CloudOptions(stride=1)) as stream:
            for pixels, format in ((rgb, None), (rgb[..., ::-1], "bgr"), (rgb[:, ::2], None)):
                stream.offer(pixels, format=format)
                stream.finish()
            self.refuses(ValueError, "batch", stream.offer, rgb[np.newaxis])
            self.refuses(ValueError, "encoded photo", stream.offer, DATA, format="bgr")
        self.assertEqual([frame.depth.shape for frame in frames], [(48, 64), (48, 64), (48, 32)])
        for frame in frames:
            self.assertEqual(frame.colors[0].tolist(), [200, 0, 0])

    def test_a_newer_photo_replaces_the_one_that_waits(self):
        frames = []
        with self.slow().stream(frames.append) as stream:
            stream.offer(DATA, frame_id=0)
            self.until_in_flight(stream)
            stream.offer(DATA, frame_id=1)
            self.assertEqual(stream.offer(DATA, frame_id=2), "replaced_older")
            stream.finish()
        self.assertEqual([frame.frame_id for frame in frames], [0, 2])

    def test_gate(self):
        with self.slow().stream(lambda frame: None, gate=GateOptions(policy="skip_while_busy")) as stream:
            stream.offer(DATA)
            self.until_in_flight(stream)
            self.assertEqual(stream.offer(DATA), "skipped")
        with self.model.stream(lambda frame: None, gate=GateOptions(max_fps=0.01)) as stream:
            stream.offer(DATA)
            stream.finish()
            self.assertEqual(stream.offer(DATA), "skipped")
        with self.model.stream(lambda frame: None, gate=GateOptions(max_age_s=1.0, decode_ahead=False)) as stream:
            stream.offer(DATA, age_s=5)
            stream.finish()
            self.assertEqual(stream.counters.expired, 1)

    def test_counters_stay_readable(self):
        stream = self.model.stream().feed([DATA] * 2, wait=True)
        self.assertEqual(len(list(stream)), 2)
        self.assertTrue(stream.closed)
        self.assertEqual((stream.counters.offered, stream.counters.admitted, stream.counters.in_flight), (2, 2, 0))
        with self.model.stream(lambda frame: None) as stream:
            stream.offer(DATA)
            stream.finish()
        self.assertEqual(stream.counters.admitted, 1)
        self.refuses(ValueError, "closed", stream.finish)

    def test_failures(self):
        failures, frames = [], []
        with self.model.stream(frames.append, on_failure=failures.append) as stream:
            for photo in (b"no photo", DATA):
                stream.offer(photo)
                stream.finish()
        self.assertEqual((len(failures), len(frames)), (1, 1))
        self.assertEqual(failures[0].stage, "decode")
        stream = self.model.stream(frames.append)
        stream.offer(b"no photo")
        self.refuses(depthcloud.DepthcloudError, ".", stream.finish)
        stream.close()

    def test_an_exception_of_the_callback_ends_the_stream(self):
        stream = self.model.stream(lambda frame: 1 / 0)
        stream.offer(DATA)
        self.refuses(ZeroDivisionError, ".", stream.finish)
        stream.close()
        stream = self.model.stream(lambda frame: 1 / 0)
        stream.offer(DATA)
        while stream.counters.in_flight + stream.counters.waiting:
            time.sleep(0.001)
        self.refuses(ZeroDivisionError, ".", stream.close)
        with self.assertRaisesRegex(KeyError, "mine"):  # not the callback's, which came first
            with self.model.stream(lambda frame: 1 / 0) as stream:
                stream.offer(DATA)
                time.sleep(0.2)
                raise KeyError("mine")

    def test_close_in_the_callback(self):
        done, on, freed = [], [], threading.Event()

        def on_frame(frame):
            on.append(threading.get_ident())
            stream.close()

        def free(pointer):
            done.append(threading.get_ident())
            really(pointer)
            freed.set()
        stream = self.model.stream(on_frame)
        really, stream._owner._free = stream._owner._free, free
        stream.offer(DATA)
        self.assertTrue(freed.wait(60))
        self.assertNotEqual(done, on)  # on its own thread the stream is stopped, not freed
        self.refuses(ValueError, "closed", stream.offer, DATA)

    def test_finish_in_the_callback(self):
        stream = self.model.stream(lambda frame: stream.finish())
        stream.offer(DATA)
        self.refuses(RuntimeError, "callback", stream.finish)
        stream.close()

    def test_timeout(self):
        with self.slow(300).stream(lambda frame: None) as stream:
            stream.offer(DATA)
            self.assertFalse(stream.finish(timeout=0.01))

    def test_arguments(self):
        self.refuses(TypeError, "on_frame is an int", self.model.stream, 5)
        self.refuses(TypeError, "on_failure", self.model.stream, on_failure=5)
        self.refuses(TypeError, "model is a str", depthcloud.Stream, "constant")
        with self.model.stream(lambda frame: None) as stream:
            self.refuses(TypeError, "photo is an int, must be a path, bytes, an array or", stream.offer, 5)
            self.refuses(depthcloud.DepthcloudError, "age_s", stream.offer, DATA, age_s=-1)
            self.refuses(TypeError, "on_frame", iter, stream)


class Iterators(Streams):
    def test_feed(self):
        frames = list(self.model.stream().feed([SMALL, DATA, bytearray(DATA)], wait=True))
        self.assertEqual([frame.frame_id for frame in frames], [0, 1, 2])
        for frame in self.model.stream().feed([DATA] * 100):
            break  # and the stream goes away

    def test_offer_and_next(self):
        with self.model.stream() as stream:
            for i in range(3):
                stream.offer(DATA, frame_id=i)
                self.assertEqual(next(stream).frame_id, i)
            self.refuses(RuntimeError, "iterator", stream.finish)
        self.refuses(StopIteration, "", next, stream)

    def test_failures_are_raised_and_it_goes_on(self):
        stream = self.model.stream()
        stream.offer(b"no photo")
        self.refuses(depthcloud.DepthcloudError, ".", next, stream)
        stream.offer(DATA)
        self.assertGreater(len(next(stream)), 0)
        stream.close()
        failures = []
        stream = self.model.stream(on_failure=failures.append).feed([b"no photo", DATA], wait=True)
        self.assertEqual((len(list(stream)), len(failures)), (1, 1))

    def test_a_loop_goes_on_after_a_bad_photo(self):
        no_photos = (b"no photo", "no/such.jpg", None, [[1, 2]])
        photos = [DATA, *no_photos, DATA]
        stream, errors, frames = self.model.stream().feed(photos, wait=True), [], []
        while not stream.closed:
            try:
                for frame in stream:
                    frames.append(frame.frame_id)
            except Exception as error:
                errors.append(type(error))
        self.assertEqual(frames, [0, 5])
        self.assertCountEqual(errors, [depthcloud.DepthcloudError, FileNotFoundError, TypeError, TypeError])
        failures = []
        stream = self.model.stream(on_failure=failures.append).feed(photos, wait=True)
        self.assertEqual([frame.frame_id for frame in stream], [0, 5])
        self.assertCountEqual([type(failure) for failure in failures], errors)
        called = []
        stream = self.model.stream(lambda frame: called.append(frame.frame_id)).feed(photos, wait=True)
        while len(called) < 2:
            time.sleep(0.001)
        self.refuses((depthcloud.DepthcloudError, FileNotFoundError), ".", stream.close)  # whichever came first
        for word in ("another loop", "on_failure=print"):
            self.assertIn(word, depthcloud.Stream.__doc__)

    def test_nothing_is_offered(self):
        from depthcloud import stream as module
        stream = self.model.stream()
        with mock.patch.object(module, "_NOTHING_FOR_S", 0.02), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            waiting = threading.Thread(target=lambda: list(stream))
            waiting.start()
            while not caught:
                time.sleep(0.001)
            time.sleep(0.1)
            stream.close()
            waiting.join()
        self.assertEqual(len(caught), 1)
        self.assertRegex(str(caught[0].message), r"no photo has been offered to it: feed\(photos\)")

    def test_one_photo_is_no_iterable_of_photos(self):
        pipeline = self.model.pipeline()
        for photo in ("photo.jpg", SMALL, DATA, bytearray(DATA), memoryview(DATA), np.zeros((4, 4, 3), np.uint8), 5, None):
            with self.model.stream() as stream:
                self.refuses(TypeError, "photos is .*, must be an iterable of photos", stream.feed, photo)
            self.refuses(TypeError, "photos is .*, must be an iterable of photos", pipeline.process_all, photo)
        self.assertEqual(len(list(pipeline.process_all(np.zeros((2, 8, 8, 3), np.uint8)))), 2)

    def test_an_error_of_the_source(self):
        def camera():
            yield DATA
            raise OSError("unplugged")
        with self.assertRaisesRegex(OSError, "unplugged"):
            list(self.model.stream().feed(camera()))

    def test_fed_twice(self):
        stream = self.model.stream().feed([])
        self.refuses(RuntimeError, "fed", stream.feed, [])
        self.assertEqual(list(stream), [])

    def test_dropped_while_its_thread_waits(self):
        for _ in range(5):
            stream = self.model.stream()
            for _ in range(3):
                stream.offer(DATA)
                time.sleep(0.01)
            del stream
            gc.collect()

    def test_closed_while_another_thread_waits_for_a_frame(self):
        stream, ended = self.model.stream(), []
        waiting = threading.Thread(target=lambda: ended.extend(stream) or ended.append("end"))
        waiting.start()
        time.sleep(0.05)
        stream.close()
        waiting.join(60)
        self.assertEqual(ended, ["end"])


if __name__ == "__main__":
    main()
