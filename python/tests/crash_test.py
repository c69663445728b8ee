# SPDX-License-Identifier: Apache-2.0
"""What Python can make and C does not expect: strides, handles, threads, and the end of the interpreter. None may read
or write out of bounds, free twice or kill the process, which AddressSanitizer sees: the preset asan-ubsan runs this file
with its library. Each case is one that crashed, or a relative of one."""

import array
import copy
import ctypes
import functools
import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
import unittest.mock
import weakref

from case import PROJECT, SMALL, Case, main, np

import depthcloud
from depthcloud import CloudOptions

DATA = SMALL.read_bytes()


class Hostile(Case):
    @classmethod
    def setUpClass(cls):
        cls.model = depthcloud.Model("constant:2")
        cls.pipeline = cls.model.pipeline()


class Strides(Hostile):
    """Each is read as NumPy itself reads it."""

    def same(self, pixels):
        expected = self.pipeline.process(np.array(pixels, order="C", copy=True))
        np.testing.assert_array_equal(self.pipeline.process(pixels).colors, expected.colors)
        depth = np.full(pixels.shape[:2], 2, np.float32)
        cloud = depthcloud.cloud_from_depth(depth, pixels, (4, 4, 0.5, 0.5))
        np.testing.assert_array_equal(depthcloud.unpack(cloud.pack()).colors, cloud.colors)

    row = np.arange(90, dtype=np.uint8).reshape(30, 3)

    def test_one_row_broadcast(self):
        self.same(np.broadcast_to(self.row, (2000, 30, 3)))

    def test_one_pixel_broadcast(self):
        self.same(np.broadcast_to(np.uint8([1, 2, 3]), (50, 40, 3)))

    def test_one_sample_broadcast(self):
        self.same(np.broadcast_to(np.uint8(7), (50, 40, 3)))
        self.same(np.broadcast_to(np.uint8(7), (50, 40)))

    def test_one_column_broadcast(self):
        self.same(np.broadcast_to(self.row[:, None], (30, 50, 3)))

    def test_upside_down(self):
        self.same(np.arange(2700, dtype=np.uint8).reshape(30, 30, 3)[::-1])

    def test_mirrored(self):
        self.same(np.arange(2700, dtype=np.uint8).reshape(30, 30, 3)[:, ::-1])

    def test_channels_reversed(self):
        self.same(np.arange(2700, dtype=np.uint8).reshape(30, 30, 3)[..., ::-1])

    def test_all_reversed(self):
        self.same(np.arange(2700, dtype=np.uint8).reshape(30, 30, 3)[::-1, ::-1, ::-1])

    def test_rows_that_overlap(self):
        flat = np.arange(300, dtype=np.uint8)
        self.same(np.lib.stride_tricks.as_strided(flat, (20, 30, 3), (1, 3, 1)))
        self.same(np.lib.stride_tricks.as_strided(flat[200:], (20, 30, 3), (-3, 3, 1)))

    def test_pixels_that_overlap(self):
        self.same(np.lib.stride_tricks.sliding_window_view(np.arange(900, dtype=np.uint8).reshape(30, 30), 3, 1)
                  [:, :20])

    def test_planar(self):
        self.same(np.moveaxis(np.arange(2700, dtype=np.uint8).reshape(3, 30, 30), 0, 2))
        self.same(np.asfortranarray(np.arange(2700, dtype=np.uint8).reshape(30, 30, 3)))

    def test_views_of_views(self):
        self.same(np.arange(60 * 60 * 4, dtype=np.uint8).reshape(60, 60, 4)[::-2, 5:41:3, 1:][::-1, ::-1][2:, 1:-1])

    def test_one_row_or_column_of_any_stride(self):
        image = np.arange(2700, dtype=np.uint8).reshape(30, 30, 3)
        self.same(image[29:, :])
        self.same(image[::-30])
        self.same(image[:, 29:])
        self.same(np.lib.stride_tricks.as_strided(image, (1, 30, 3), (-(2**40), 3, 1)))

    def test_the_last_bytes_of_a_buffer(self):
        buffer = np.zeros(29 * 100 + 90, np.uint8)  # the last row ends where the buffer does
        self.same(np.lib.stride_tricks.as_strided(buffer, (30, 30, 3), (100, 3, 1)))

    def test_depth_of_any_stride(self):
        depth = np.linspace(1, 3, 900).reshape(30, 30)
        unaligned = np.frombuffer(b"\0" + depth.astype(np.float32).tobytes(), np.float32, offset=1).reshape(30, 30)
        rgb = np.zeros((30, 30, 3), np.uint8)
        for plane in (depth[::-1], depth[:, ::-1].astype(np.float32), depth.T, depth.astype(">f4"), unaligned,
                      depth.astype(np.float16), np.broadcast_to(depth[0].astype(np.float32), (30, 30)),
                      np.broadcast_to(np.float32(2), (30, 30)), (1000 * depth).astype(np.uint16)):
            packed = np.array(plane if plane.dtype.kind == "f" else plane * 0.001, np.float32, order="C")
            cloud = depthcloud.cloud_from_depth(plane, rgb, (4, 4, 2, 1), confidence=plane)
            np.testing.assert_array_equal(cloud.positions[:, 2].reshape(30, 30), packed)

    def test_poses_of_any_stride(self):
        cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        turned = np.asfortranarray(np.eye(4))
        for poses in ([turned] * 2, np.broadcast_to(np.eye(3, 4, dtype=np.float32), (2, 3, 4)), np.stack([turned] * 2),
                      np.eye(4)[None].repeat(4, 0)[::-2]):
            self.assertEqual(len(depthcloud.merge([cloud, cloud], poses)), 24)


class Shapes(Hostile):
    """Refused, and the argument is named."""

    def test_ranks_of_pixels(self):
        rgb = np.zeros((8, 6, 3), np.uint8)
        for pixels in (rgb[None], rgb[..., None], rgb[0, 0, 0], np.zeros((2, 8, 6, 3), np.uint8), np.uint8(3),
                       np.zeros((8, 6, 2), np.uint8), np.zeros((8, 6, 5), np.uint8), np.zeros((3, 8, 6), np.uint8),
                       np.zeros((8, 0, 3), np.uint8), np.zeros((0, 6, 3), np.uint8), np.zeros((8, 6, 0), np.uint8),
                       np.zeros((0, 0), np.uint8)):
            self.refuses(ValueError, "photo has shape", self.pipeline.process, pixels)
            self.refuses(ValueError, "image has shape", depthcloud.cloud_from_depth, self.depth, pixels, self.camera)
            self.refuses(ValueError, r"images\[0\] has shape", self.model.estimate, [pixels])
            self.refuses(ValueError, "kept has shape", depthcloud.unpack, b"", kept=pixels)

    def test_formats(self):
        rgb = np.zeros((8, 6, 3), np.uint8)
        for format in ("rgba", "bgra", "gray"):
            self.refuses(ValueError, "channels", self.pipeline.process, rgb, format=format)
        self.refuses(ValueError, "format is 'yuv'", self.pipeline.process, rgb, format="yuv")
        self.refuses(ValueError, "format is 1", self.pipeline.process, rgb, format=1)
        self.refuses(ValueError, "format is for arrays", self.pipeline.process, DATA, format="rgb")
        self.refuses(ValueError, "format is 'yuv'", depthcloud.decode, DATA, format="yuv")

    def test_types_of_pixels(self):
        for kind in (np.float32, np.int8, np.uint16, bool, complex, object, "S1"):
            self.refuses(TypeError, "photo is .*, must be uint8", self.pipeline.process, np.zeros((8, 6, 3), kind))
        for pixels in (5, "text", [[[0, 0, 0]]], ((0,),), object(), DATA, bytearray(DATA)):
            self.refuses(TypeError, "image is ", depthcloud.cloud_from_depth, self.depth, pixels, self.camera)
        self.refuses(TypeError, r"images\[0\] is a str.*decode\(\)", self.model.estimate, ["photo.jpg"])
        masked = np.ma.masked_array(self.rgb, self.rgb > 3)
        self.refuses(TypeError, "masked", self.pipeline.process, masked)
        self.refuses(TypeError, "images is one array", self.model.estimate, self.rgb)

    def test_photos_that_are_none(self):
        for photo in (None, 5, 5.0, [1, 2], object(), {"a": 1}, open):
            self.refuses(TypeError, "photo is (an? .*|None), must be a path, bytes, an array or a PIL", self.pipeline.process,
                         photo)
            self.refuses(TypeError, "photo is (an? .*|None), must be a path or bytes", depthcloud.decode, photo)
        with open(SMALL, "rb") as file:
            self.refuses(TypeError, "its path, or what its read", self.pipeline.process, file)
        self.refuses(ValueError, "photo has shape", self.pipeline.process, array.array("d", [1.0]))
        self.refuses(ValueError, "zero byte", self.pipeline.process, "a\0b")
        released = memoryview(DATA)
        released.release()
        self.refuses(ValueError, "photo", self.pipeline.process, released)
        self.refuses(TypeError, "image of pixels", depthcloud.decode, self.rgb)

    def test_planes(self):
        for depth in (self.depth[None], self.depth[0], np.float32(1), np.zeros((0, 4), np.float32),
                      self.depth[..., None]):
            self.refuses(ValueError, "depth has shape", depthcloud.cloud_from_depth, depth, self.rgb, self.camera)
            self.refuses(ValueError, "confidence has shape", depthcloud.cloud_from_depth, self.depth, self.rgb,
                         self.camera, confidence=depth)
        self.refuses(ValueError, "confidence has shape", depthcloud.cloud_from_depth, self.depth, self.rgb,
                     self.camera, confidence=self.depth.T)
        for kind in (bool, complex, object, "S1", "datetime64[s]"):
            self.refuses(TypeError, "depth is", depthcloud.cloud_from_depth, np.zeros((3, 4), kind), self.rgb,
                         self.camera)
        self.refuses(TypeError, "masked", depthcloud.cloud_from_depth, np.ma.masked_array(self.depth, True), self.rgb,
                     self.camera)

    def test_cameras_and_poses(self):
        for camera in ((4, 4, 2), np.eye(4), None, "camera", np.zeros((1, 4)), (4, 4, 2, 1, 0)):
            with self.assertRaisesRegex((TypeError, ValueError), "intrinsics"):
                depthcloud.cloud_from_depth(self.depth, self.rgb, camera)
        for camera in ((0, 4, 2, 1), (np.nan, 4, 2, 1), (np.inf, 4, 2, 1)):
            self.refuses(ValueError, "intrinsics", depthcloud.cloud_from_depth, self.depth, self.rgb, camera)
        cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        for poses in ([np.eye(3)], [], [np.eye(4)] * 2, np.eye(4), np.zeros((2, 12)), [np.eye(4), np.eye(3, 4)], None,
                      [np.ones((4, 4))]):
            with self.assertRaisesRegex((TypeError, ValueError), "extrinsics"):
                depthcloud.merge([cloud], poses)
        self.refuses(TypeError, r"clouds\[0\]", depthcloud.merge, [cloud.positions], [np.eye(4)])

    def test_sizes_beyond_c(self):
        depth = self.model.estimate([self.rgb])[0]
        for width in (0, -1, -2**31):
            self.refuses(depthcloud.DepthcloudError, ".", depth.resized, width, width)
        self.refuses(ValueError, "width is", depth.resized, 2**32 + 8, 8)
        wide = np.broadcast_to(np.uint8(0), (1, 2**31, 3))
        self.refuses(ValueError, "photo has shape", self.pipeline.process, wide)

    def test_messages(self):
        packet = self.pipeline.process(DATA).packet
        for end in (0, 1, 10, len(packet) // 2, len(packet) - 1):
            self.refuses(depthcloud.DepthcloudError, ".", depthcloud.unpack, packet[:end])
        self.refuses(TypeError, "message is None, must be a path or bytes", depthcloud.unpack, None)
        self.refuses(ValueError, "message has shape", depthcloud.unpack, packet.reshape(1, -1))
        self.assertGreater(len(depthcloud.unpack(packet[::-1][::-1])), 0)


class Handles(Hostile):
    def handles(self):
        frame = self.pipeline.process(DATA)
        cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        return (depthcloud.Model("constant"), self.model.pipeline(), frame, cloud, cloud.pack(),
                depthcloud.unpack(frame.packet), self.model.estimate([self.rgb])[0], self.model.stream())

    def test_copies(self):
        for handle in self.handles():
            name = f"{type(handle).__name__} cannot be copied or pickled"
            self.refuses(TypeError, name, copy.copy, handle)
            self.refuses(TypeError, name, copy.deepcopy, handle)
            self.refuses(TypeError, name, copy.deepcopy, {"of": [handle]})
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                self.refuses(TypeError, name, pickle.dumps, handle, protocol)
            self.refuses(TypeError, "cannot be copied", copy.copy, handle._owner)
            handle.close()

    def test_another_process(self):
        with self.assertRaisesRegex(TypeError, "cannot be copied"):
            multiprocessing.get_context("spawn").Process(target=print, args=(self.pipeline.process(DATA),)).start()

    def test_arrays_may_be_copied(self):
        positions = self.pipeline.process(DATA).positions
        for other in (copy.copy(positions), copy.deepcopy(positions), pickle.loads(pickle.dumps(positions))):
            np.testing.assert_array_equal(other, positions)
            self.assertFalse(np.shares_memory(other, positions))

    def test_without_a_constructor(self):
        for kind in (depthcloud.Frame, depthcloud.Cloud, depthcloud.DepthMap, depthcloud.Packet):
            self.refuses(TypeError, "is made by the functions", kind, ctypes.c_void_p(64))
            self.refuses(TypeError, ".", kind)
            self.refuses(ValueError, "closed", len if kind is not depthcloud.DepthMap else np.asarray,
                         kind.__new__(kind))
        self.refuses(TypeError, "model is a", depthcloud.Pipeline, ctypes.c_void_p(64))
        self.refuses(ValueError, "closed", depthcloud.Pipeline, depthcloud.Model.__new__(depthcloud.Model))

    def test_after_close(self):
        for handle in self.handles():
            handle.close()
            handle.close()
            self.assertTrue(handle.closed)
            for name in dir(type(handle)):
                if name.startswith("_") or name in ("closed", "close"):
                    continue
                if isinstance(handle, depthcloud.Stream) and name == "counters":
                    continue  # those of its end
                if isinstance(getattr(type(handle), name), property):
                    with self.assertRaisesRegex(ValueError, "closed", msg=f"{type(handle).__name__}.{name}"):
                        getattr(handle, name)
            with self.assertRaisesRegex(ValueError, "closed"), handle:
                pass
        model, pipeline, frame, cloud, packet, message, depth, stream = self.handles()
        for handle in (model, pipeline, frame, cloud, packet, message, depth, stream):
            handle.close()
        for function, *arguments in ((model.pipeline,), (model.estimate, [self.rgb]), (model.cancel,),
                                     (model.warm_up, 8, 8), (model.stream,), (pipeline.process, DATA),
                                     (pipeline.latency,), (pipeline.set_cloud_options,), (frame.write_ply, "a"),
                                     (cloud.write_pcd, "a"), (cloud.pack,), (len, cloud), (bytes, packet),
                                     (np.asarray, message), (np.from_dlpack, cloud), (depth.resized, 8, 8),
                                     (depth.cloud, self.rgb), (stream.offer, DATA),
                                     (depthcloud.merge, [cloud], [np.eye(4)]), (depthcloud.unpack, packet)):
            self.refuses(ValueError, "closed", function, *arguments)

    def test_arrays_outlive_close(self):
        frame = self.pipeline.process(DATA)
        arrays = [frame.positions, frame.colors, frame.depth, frame.confidence, frame.packet, np.from_dlpack(frame)]
        copies = [found.copy() for found in arrays]
        frame.close()
        for _ in range(20):
            self.pipeline.process(DATA)  # may take the memory that was freed
        for found, kept in zip(arrays, copies):
            np.testing.assert_array_equal(found, kept)

    def test_arrays_are_read_only(self):
        frame = self.pipeline.process(DATA)
        for found in (frame.positions, frame.colors, frame.depth, frame.packet, depthcloud.decode(DATA)):
            with self.assertRaises(ValueError):
                found[0] = 0
            with self.assertRaises(ValueError):
                found.flags.writeable = True

    def test_owners_are_freed_once(self):
        for handle in self.handles():
            freed = weakref.ref(handle._owner)
            handle.close()
            gc.collect()
            self.assertIsNone(freed(), type(handle).__name__)

    def test_pipelines_outlive_their_model(self):
        model = depthcloud.Model("constant:3")
        pipeline, stream = model.pipeline(), model.stream()
        model.close()
        del model
        gc.collect()
        self.assertEqual(pipeline.process(DATA).depth[0, 0], 3)
        stream.offer(DATA)
        self.assertEqual(next(stream).depth[0, 0], 3)
        stream.close()

    def test_initialised_again(self):
        frame, other = self.pipeline.process(DATA), self.pipeline.process(DATA)
        frame.__init__(other._owner)
        positions = frame.positions
        frame.close()
        other.close()
        self.assertGreater(positions.size, 0)


class Threads(Hostile):
    def together(self, *functions):
        failed = []

        def run(function):
            try:
                function()
            except Exception as error:  # in the thread's place
                failed.append(error)
        threads = [threading.Thread(target=run, args=(function,)) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])

    def test_one_pipeline_in_several_threads(self):
        pipeline = self.model.pipeline(cloud=CloudOptions(stride=1), wire=depthcloud.WireFormat(encoding="depth"))

        def work(photo):  # each has its own size: scratch memory moves from frame to frame
            expected = pipeline.process(photo).positions
            for _ in range(15):
                frame = pipeline.process(photo)
                np.testing.assert_array_equal(frame.positions, expected)
                self.assertEqual(len(depthcloud.unpack(frame.packet)), len(expected))
        photos = [np.zeros((40 * k, 500 - 90 * k, 3), np.uint8) for k in range(1, 5)]
        self.together(*(functools.partial(work, photo) for photo in photos))

    def test_options_change_meanwhile(self):
        pipeline = self.model.pipeline()
        sizes = set()

        def work():
            for _ in range(20):
                sizes.add(len(pipeline.process(DATA)))

        def change():
            for i in range(40):
                pipeline.set_cloud_options(CloudOptions(stride=1 + i % 2))
                pipeline.set_wire_format(depthcloud.WireFormat(encoding="q16" if i % 2 else "f32"))
                pipeline.latency()
        self.together(work, work, change)
        self.assertLessEqual(len(sizes), 2)

    def test_closed_during_a_call(self):
        for _ in range(5):
            pipeline = depthcloud.Model("constant:2,20").pipeline()

            def work():
                try:
                    while True:
                        pipeline.process(self.rgb)
                except ValueError as closed:
                    self.assertIn("closed", str(closed))

            def close():
                time.sleep(0.05)
                pipeline.close()
            self.together(work, work, close)

    def test_frame_closed_while_it_is_read(self):
        for _ in range(20):
            frame = self.pipeline.process(DATA)

            def read():
                try:
                    while True:
                        frame.positions.sum() + frame.depth.sum() + len(frame.pack())
                except ValueError as closed:
                    self.assertIn("closed", str(closed))
            self.together(read, read, frame.close)

    def test_stream_closed_while_it_is_used(self):
        for _ in range(5):
            stream = self.model.stream(lambda frame: frame.positions.sum())

            def offer():
                try:
                    while True:
                        stream.offer(DATA)
                        stream.counters, stream.latency()
                except ValueError as closed:
                    self.assertIn("closed", str(closed))

            def close():
                time.sleep(0.05)
                stream.close()
            self.together(offer, offer, close)

    def test_pixels_change_meanwhile(self):
        pixels, ended = np.zeros((48, 64, 3), np.uint8), threading.Event()

        def change():
            while not ended.is_set():
                pixels[...] += 1

        def work():
            for _ in range(20):
                self.pipeline.process(pixels)
            ended.set()
        self.together(work, change)

    def test_bytes_change_meanwhile(self):
        data, ended = bytearray(DATA), threading.Event()

        def change():
            i = 0
            while not ended.is_set():
                i = (i + 7) % len(data)
                data[i] ^= 0xFF
                try:
                    if i % 5 == 0:
                        data.extend(b"more")
                        del data[-4:]
                except BufferError:  # it is being read
                    pass

        def work():
            for _ in range(50):
                try:
                    self.pipeline.process(data)
                except (depthcloud.DepthcloudError, BufferError):
                    pass
            ended.set()
        self.together(work, change)


class Forks(Case):
    """A fork has no threads of the library: what would wait for them is an error, and what only has memory works."""

    def in_a_fork(self, work):
        process = os.fork()
        if process == 0:
            signal.alarm(60)  # whatever hangs
            try:
                work()
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        self.assertEqual(os.waitpid(process, 0)[1], 0)

    def test_use_in_a_fork(self):
        model = depthcloud.Model("constant:2")
        pipeline, stream = model.pipeline(), model.stream(lambda frame: None)
        frame = pipeline.process(DATA)

        def work():
            for use in (lambda: model.info, lambda: model.pipeline(), lambda: pipeline.process(DATA),
                        lambda: stream.offer(DATA), lambda: stream.counters):
                self.refuses(RuntimeError, "was made before this process was forked.*spawn", use)
            self.assertGreater(len(frame.positions), 0)
            frame.write_ply(self.folder() / "a.ply")
            stream.close()
            self.assertGreater(len(depthcloud.pipe(DATA, "constant:3")), 0)

        self.in_a_fork(work)
        self.assertGreater(len(pipeline.process(DATA)), 0)
        stream.close()

    def test_a_network_in_a_fork_of_one_that_has_one(self):
        with unittest.mock.patch.object(depthcloud._native, "_network_in", os.getpid()):
            self.in_a_fork(lambda: self.refuses(RuntimeError, "a model was loaded before this process was forked",
                                                depthcloud.Model, "builtin"))

    def test_advice_on_copies(self):
        self.refuses(TypeError, "a Model cannot be .* another process loads its own", pickle.dumps,
                     depthcloud.Model("constant"))


class EndOfTheInterpreter(Case):
    def leaves(self, body, status=0):
        """The program ends by itself, in silence and with this status."""
        start = ("import depthcloud, threading, time, sys, numpy as np\n"
                 f"photo = open({str(SMALL)!r}, 'rb').read()\n"
                 "model = depthcloud.Model('constant:2,20')\n"
                 "pipeline = model.pipeline()\n")
        done = subprocess.run([sys.executable, "-B", "-c", start + body], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PYTHONPATH": str(PROJECT / "python")})
        self.assertEqual((done.returncode, done.stderr), (status, ""))

    def test_everything_is_still_open(self):
        self.leaves("frame = pipeline.process(photo); positions = frame.positions; depth = frame.depth\n"
                    "depthcloud.pipe(photo, 'constant')\n")

    def test_in_cycles(self):
        self.leaves("class Node: pass\n"
                    "node = Node(); node.self = node; node.held = pipeline.process(photo), model, model.stream()\n")

    def test_a_daemon_thread_is_in_a_network(self):
        self.leaves("def work():\n"
                    "    while True: pipeline.process(photo)\n"
                    "for _ in range(3): threading.Thread(target=work, daemon=True).start()\n"
                    "time.sleep(0.1)\n")

    def test_a_stream_is_running(self):
        self.leaves("stream = model.stream(lambda frame: frame.positions.sum())\n"
                    "for _ in range(5): stream.offer(photo); time.sleep(0.01)\n")
        self.leaves("stream = model.stream().feed([photo] * 1000)\nnext(stream)\n")

    def test_an_error_ends_the_program(self):
        self.leaves("stream = model.stream(lambda frame: None).feed([photo] * 1000)\ntime.sleep(0.05)\nsys.exit(3)\n", 3)

    def test_a_callback_knows_its_stream(self):
        self.leaves("def received(frame): stream.offer(photo)\n"
                    "stream = model.stream(received)\nstream.offer(photo)\ntime.sleep(0.1)\n")


if __name__ == "__main__":
    main()
