// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything but the LibTorch interchange (torch.hpp), in the order in which a frame passes.

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/cloud_file.hpp>
#include <depthcloud/cloud_merge.hpp>
#include <depthcloud/cloud_packer.hpp>
#include <depthcloud/decode.hpp>
#include <depthcloud/depth_alignment.hpp>
#include <depthcloud/depth_file.hpp>
#include <depthcloud/depth_grid.hpp>
#include <depthcloud/depth_kind.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/depth_scale.hpp>
#include <depthcloud/depth_source.hpp>
#include <depthcloud/device.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/estimator_source.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/frame_gate.hpp>
#include <depthcloud/frame_stream.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/intrinsics.hpp>
#include <depthcloud/latency.hpp>
#include <depthcloud/log.hpp>
#include <depthcloud/photo_format.hpp>
#include <depthcloud/photo_reader.hpp>
#include <depthcloud/pipeline.hpp>
#include <depthcloud/point_cloud.hpp>
#include <depthcloud/raw_frame.hpp>
#include <depthcloud/recording.hpp>
#include <depthcloud/resize.hpp>
#include <depthcloud/stage.hpp>
#include <depthcloud/stream_hub.hpp>
#include <depthcloud/system_info.hpp>
#include <depthcloud/version.hpp>
#include <depthcloud/video_decoder.hpp>
#include <depthcloud/video_frame.hpp>
#include <depthcloud/video_source.hpp>
#include <depthcloud/video_writer.hpp>
#include <depthcloud/view_aligner.hpp>
#include <depthcloud/wire.hpp>
#include <depthcloud/yuv_image.hpp>
