# SPDX-License-Identifier: Apache-2.0
"""Live streams: photos in from any thread, frames out of a callback or an iterator."""

from __future__ import annotations

import atexit
import collections
import ctypes as c
import dataclasses
import functools
import threading
import time
import warnings
import weakref
from typing import Any, Callable, Deque, Iterable, Iterator, Optional, Union

from . import _structs as structs
from ._inputs import ImageOf, Photo, PixelFormat, photo as photo_of, photos as photos_of
from ._native import DepthcloudError, Handle, Owner, call, error_of, library
from .cloud import pointer_to, tag_of
from .frame import Frame
from .model import Model
from .options import CloudOptions, DecodeOptions, GateOptions, WireFormat, given, pipeline_struct
from .pipeline import Latency, latency_of

_FRAME_FN = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.c_void_p)
_FAILURE_FN = c.CFUNCTYPE(None, c.POINTER(structs.Tag), c.POINTER(structs.Error), c.c_void_p)
_NOTHING_FOR_S = 5.0  # after which one is told that nothing was offered
_STATUS_NAMES = ("waiting", "skipped", "replaced_older")  # of the statuses 0, 1 and 2


@dataclasses.dataclass(frozen=True)
class Counters:
    """Frames of a stream: offered = admitted + skipped + replaced + expired + waiting; `in_flight` frames are being
    processed now."""

    offered: int
    admitted: int
    skipped: int
    replaced: int
    expired: int
    waiting: int
    in_flight: int


class _Receiver:
    """What the stream's thread calls. It does not know the Stream, so that one which is dropped goes away."""

    def __init__(self, on_frame: Optional[Callable[[Frame], object]],
                 on_failure: Optional[Callable[[Exception], object]]) -> None:
        self.on_frame, self.on_failure = on_frame, on_failure
        self.changed = threading.Condition()
        self.results: Deque[Union[Frame, Exception]] = collections.deque()  # for the iterator, at most one
        self.in_callback = threading.RLock()
        self.raised: Optional[BaseException] = None  # by a callback, or a failure that nobody receives
        self.closing = False
        self.stopped = False  # by an exception of a callback
        self.thread: Optional[int] = None  # that is in a callback
        self.frame_fn, self.failure_fn = _FRAME_FN(self._frame), _FAILURE_FN(self._failure)

    def end(self) -> None:
        """Lets go of the stream's thread, if it waits for the iterator."""
        with self.changed:
            self.closing = True
            self.results.clear()
            self.changed.notify_all()

    def _frame(self, pointer: int, _: Any) -> int:
        frame = Frame(Frame._own(c.c_void_p(pointer)))
        return self._deliver(frame, self.on_frame)

    def _failure(self, _: Any, error: Any, __: Any) -> None:
        self.fail(error_of(error.contents))

    def fail(self, error: Exception) -> None:
        """A photo has failed, in the network or before."""
        if self.on_frame is not None and self.on_failure is None:
            self.raised = self.raised or error
        else:
            self._deliver(error, self.on_failure)

    def _deliver(self, result: Any, callback: Optional[Callable[[Any], object]]) -> int:
        """Returns 1 to stop the stream."""
        if self.closing:
            return 1
        if callback is None:
            with self.changed:
                self.changed.wait_for(lambda: self.closing or not self.results)
                if not self.closing:
                    self.results.append(result)
                self.changed.notify_all()
            return int(self.closing)
        with self.in_callback:
            self.thread = threading.get_ident()
            try:
                callback(result)
            except BaseException as error:  # it belongs to whoever uses the stream, not to this thread
                self.raised, self.stopped = error, True
            finally:
                self.thread = None
        return int(self.closing or self.stopped)


class _StreamOwner(Owner):
    """Frees a stream: waits for its thread, and so never on that thread. Other than an Owner it is also freed while
    others refer to it, by close() and at the end of the program, so that calls take its lock."""

    def __init__(self, pointer: c.c_void_p, receiver: _Receiver) -> None:
        super().__init__(pointer, "dcl_stream_free")
        self._receiver = receiver
        self._lock = threading.RLock()  # a signal handler may use the stream too
        self._counters = structs.GateCounters()

    def call(self, function: str, *arguments: Any, about: str = "") -> int:
        with self._lock:
            if self._as_parameter_ is None:
                raise ValueError("the Stream is closed")
            return call(function, self, *arguments, about=about)

    def counters(self) -> structs.GateCounters:
        """Those of now, or the last ones."""
        with self._lock:
            if self._as_parameter_ is not None:
                call("dcl_stream_get_counters", self, c.byref(self._counters))
            return self._counters

    def release(self) -> None:
        with self._lock:
            if self.is_left_behind:
                return
            pointer, self._as_parameter_ = self._as_parameter_, None
        if not pointer:
            return
        free, receiver = self._free, self._receiver
        receiver.end()
        if receiver.thread == threading.get_ident():
            library.dcl_stream_stop(pointer, None)
            threading.Thread(target=lambda: (free(pointer), receiver), name="depthcloud-free").start()
        else:
            free(pointer)

    def __del__(self) -> None:
        self.release()


_open: "weakref.WeakSet[_StreamOwner]" = weakref.WeakSet()


@atexit.register
def _release_all() -> None:
    """No stream may call into an interpreter that is gone."""
    for owner in list(_open):
        owner.release()


class Stream(Handle):
    """A live stream with its own pipeline and threads: offer() photos from any thread; the frames come to a callback or
    out of the iterator. While the network is busy, one photo waits, and a newer one replaces it: no queue builds up.
    Pipeline.process_all() skips none.

        with model.stream(lambda frame: send(frame.packet)) as stream:     # a callback
            for jpeg in camera:
                stream.offer(jpeg)
            stream.finish()

        for frame in model.stream().feed(camera):                          # an iterator
            send(frame.packet)

    A photo that cannot be read is raised by the iterator and ends the `for` loop, but not the stream: another loop over
    it goes on with the next photo. To pass over bad photos, say where their errors go:

        for frame in model.stream(on_failure=print).feed(camera):
            send(frame.packet)

    An iterator gives what is offered: by feed(), or by offer() in another thread. Where nothing is, it waits, and warns
    of that after 5 s.

    Leave it by close() or a `with` block. Threads may share it.
    """

    _free = "dcl_stream_free"
    _instead = "threads share it, and another process makes its own"

    def __init__(self, model: Model, on_frame: Optional[Callable[[Frame], object]] = None, *,
                 on_failure: Optional[Callable[[Exception], object]] = None,
                 gate: Optional[GateOptions] = None, cloud: Optional[CloudOptions] = None,
                 wire: Optional[WireFormat] = None, decode: Optional[DecodeOptions] = None,
                 fast_decode: bool = False, packet: bool = True) -> None:
        """
        on_frame    called with each Frame on the stream's thread, never twice at once. None: the frames come out of
                    the iterator, which holds one and makes the stream wait until it is taken. An exception ends the
                    stream and is raised by the next offer(), finish() or close().
        on_failure  called with the error of a photo, and the stream goes on: a DepthcloudError, and of feed() also the
                    OSError, TypeError or ValueError of what is no photo, on its thread. Never at once with on_frame.
                    None: the iterator raises it, and goes on when it is used again; with on_frame, finish() or close()
                    raises the first one.
        gate        which photos enter, see GateOptions.

        The other options are those of Pipeline.
        """
        if not isinstance(model, Model):
            raise TypeError(f"model is {structs.kind_of(model)}, must be a Model")
        for name, callback in (("on_frame", on_frame), ("on_failure", on_failure)):
            if callback is not None and not callable(callback):
                raise TypeError(f"{name} is {structs.kind_of(callback)}, must be callable")
        options, gate_struct = pipeline_struct(cloud, wire, decode, fast_decode, packet), given(
            GateOptions, gate, "gate")._struct()
        self._receiver = _Receiver(on_frame, on_failure)
        self._feeder: Optional[threading.Thread] = None
        self._last = structs.GateCounters()  # of a stream that is closed
        self._ended = False
        handle = c.c_void_p()
        call("dcl_stream_create", model._use(), c.byref(options), c.byref(gate_struct), self._receiver.frame_fn,
             self._receiver.failure_fn, None, c.byref(handle))
        owner = _StreamOwner(handle, self._receiver)
        _open.add(owner)
        super().__init__(owner)

    def offer(self, photo: Photo, *, format: Optional[PixelFormat] = None, frame_id: Optional[int] = None,
              capture_ts: Optional[float] = None, age_s: float = 0.0) -> str:
        """Offers a photo captured `age_s` seconds ago, and copies it; `photo` and `format` are as in Pipeline.process().
        Never waits for the network. Returns "waiting", "replaced_older" or "skipped"."""
        self._raise()
        return self._offer(photo, format, tag_of(frame_id, capture_ts), age_s)

    def _offer(self, photo: Photo, format: Optional[PixelFormat], tag: Optional[structs.Tag], age_s: float) -> str:
        found, age = photo_of(photo, format), c.c_double(structs.real("age_s", age_s))
        if isinstance(found, ImageOf):
            status = self._call("dcl_stream_offer_image", c.byref(found.struct), pointer_to(tag), age, None, None)
        else:
            status = self._call("dcl_stream_offer", found.address, found.size, pointer_to(tag), age, about=found.about)
        return _STATUS_NAMES[status]

    def feed(self, photos: Iterable[Photo], *, format: Optional[PixelFormat] = None, wait: bool = False) -> Stream:
        """Offers all of an iterable, for instance a camera, from a thread of its own, each numbered by its position;
        then the iterator ends. Returns the stream. What is no photo fails like one that cannot be read; an exception of
        the iterable itself ends the stream and is raised.

        wait  waits with the next photo until the last one has been taken, so that none is skipped.
        """
        if self._feeder is not None:
            raise RuntimeError("the stream is fed already")
        self._use()
        source = photos_of(photos)
        self._feeder = threading.Thread(target=self._feed, args=(source, format, wait), name="depthcloud-feed",
                                        daemon=True)
        self._feeder.start()
        return self

    def _feed(self, photos: Iterator[Photo], format: Optional[PixelFormat], wait: bool) -> None:
        try:
            for frame_id, photo in enumerate(photos):
                receiver = self._receiver
                while wait and not receiver.closing and self.counters.waiting:
                    time.sleep(0.001)
                if receiver.closing or receiver.stopped:
                    return
                try:
                    self._offer(photo, format, tag_of(frame_id, None), 0.0)
                except (DepthcloudError, OSError, TypeError, ValueError) as error:
                    if self.closed:
                        return
                    receiver.fail(error)
        except BaseException as error:
            if not self.closed:
                self._receiver.raised = self._receiver.raised or error
        finally:
            self._ended = True

    @property
    def counters(self) -> Counters:
        """What became of the photos so far; after close(), until then."""
        owner = None if self._owner is None else self._use()
        counters = owner.counters() if isinstance(owner, _StreamOwner) else self._last
        return Counters(*(getattr(counters, field.name) for field in dataclasses.fields(Counters)))

    def latency(self, stage: str = "total") -> Latency:
        """Returns the latency of "decode", "preprocess", "infer", "cloud", "pack" or "total"."""
        return latency_of(functools.partial(self._call, "dcl_stream_get_latency"), stage)

    def _call(self, function: str, *arguments: Any, about: str = "") -> int:
        owner = self._use()
        assert isinstance(owner, _StreamOwner)
        return owner.call(function, *arguments, about=about)

    def _raise(self) -> None:
        error, self._receiver.raised = self._receiver.raised, None
        if error is not None:
            raise error

    def _idle(self) -> bool:
        self._use()
        counters = self.counters
        return counters.waiting + counters.in_flight == 0

    def finish(self, timeout: Optional[float] = None) -> bool:
        """Waits until every photo that has been offered is done, at most `timeout` seconds. Returns whether they are.
        For streams with a callback; the iterator ends by itself after feed()."""
        if self._receiver.on_frame is None:
            raise RuntimeError("finish() is for streams with on_frame; take the frames out of the iterator")
        if self._receiver.thread == threading.get_ident():
            raise RuntimeError("finish() cannot be called in a callback of its stream")
        until = None if timeout is None else time.monotonic() + timeout
        while not self._idle() or (self._feeder is not None and not self._ended):
            self._raise()
            if until is not None and time.monotonic() >= until:
                return False
            time.sleep(0.001)
        self._raise()
        return True

    def __iter__(self) -> Stream:
        if self._receiver.on_frame is not None:
            raise TypeError("the frames of this stream go to on_frame")
        return self

    def __next__(self) -> Frame:
        """Waits for the next frame. Ends after close(), or after the last frame of feed()."""
        receiver = self._receiver
        since: Optional[float] = time.monotonic()
        while True:
            self._raise()
            if self.closed or receiver.closing:
                raise StopIteration
            idle = self._ended and self._idle()  # before the results are looked at: what is done is among them
            with receiver.changed:
                if not receiver.results and not idle:
                    receiver.changed.wait(0.01)
                result = receiver.results.popleft() if receiver.results else None
                receiver.changed.notify_all()
            if isinstance(result, Exception):
                raise result
            if result is not None:
                return result
            if idle:
                self.close()
                raise StopIteration
            if since is not None and time.monotonic() - since > _NOTHING_FOR_S:
                since = None  # once
                self._warn_of_nothing()

    def _warn_of_nothing(self) -> None:
        try:
            nothing = self._feeder is None and self.counters.offered == 0
        except ValueError:  # closed meanwhile
            return
        if nothing:
            warnings.warn("this stream waits for frames, and no photo has been offered to it: feed(photos) before the "
                          "loop, or offer() in another thread", RuntimeWarning, stacklevel=3)

    def close(self) -> None:
        """Drops the waiting photo, waits for the one in flight and ends the stream. In a callback it does not wait. An
        exception of a callback that nobody has seen yet is raised."""
        owner = self._owner
        if isinstance(owner, _StreamOwner):
            self._last = owner.counters()
            self._owner = None
            owner.release()
            self._raise()

    def __exit__(self, kind: object = None, *_: object) -> None:
        try:
            self.close()
        except BaseException:
            if kind is None:  # else the exception of the block is the one to see
                raise

    def __repr__(self) -> str:
        if self.closed:
            return "<depthcloud.Stream, closed>"
        counters = self.counters
        return f"<depthcloud.Stream, {counters.offered} offered, {counters.admitted} admitted>"
